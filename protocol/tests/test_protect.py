import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.bulk import unprotect_padded, uplink_pads
from protocol.errors import BadTag, Malformed
from protocol.keys import Keys
from protocol.protect import Downlink, Uplink
from protocol.tests import independent

KEY = bytes(range(16))
KEYS = Keys(KEY)
OTHER_KEYS = Keys(bytes(16))
COUNTERS = st.integers(0, (1 << 30) - 1)
BODIES = st.binary(min_size=3, max_size=11)
CONTENTS = st.binary(min_size=3, max_size=7)


def uplink(counter: int, body: bytes) -> bytes:
    frame = bytearray(len(body) + 12)
    Uplink(KEYS).protect(counter, body, frame)
    return bytes(frame)


def downlink(counter: int, content: bytes) -> bytes:
    frame = bytearray(len(content) + 12)
    Downlink(KEYS).protect(counter, content, frame)
    return bytes(frame)


def read(counter: int, frame: bytes, keys: Keys = KEYS) -> bytes | None:
    content = bytearray(b"\xff" * (len(frame) - 12))
    right = Downlink(keys).unprotect_into(counter, frame, content)
    assert right or content == bytes(len(content))
    return bytes(content) if right else None


def flipped(frame: bytes, bit: int) -> bytes:
    out = bytearray(frame)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


@given(COUNTERS, BODIES)
def test_uplink_round_trip(counter: int, body: bytes) -> None:
    frame = uplink(counter, body)
    assert frame == independent.uplink(KEY, counter, body)
    assert Uplink(KEYS).unprotect(counter, frame) == body


@given(COUNTERS, CONTENTS)
def test_downlink_round_trip(counter: int, content: bytes) -> None:
    frame = downlink(counter, content)
    assert frame == independent.downlink(KEY, counter, content)
    assert read(counter, frame) == content


@given(st.lists(st.tuples(COUNTERS, BODIES, CONTENTS), max_size=8))
def test_one_object_serves_many_frames(steps: list[tuple[int, bytes, bytes]]) -> None:
    """Nothing of a frame stays in the buffers of the object for the next one."""
    up, down = Uplink(KEYS), Downlink(KEYS)
    for counter, body, content in steps:
        frame = bytearray(len(body) + 12)
        up.protect(counter, body, frame)
        assert frame == uplink(counter, body)
        frame = bytearray(len(content) + 12)
        down.protect(counter, content, frame)
        assert frame == downlink(counter, content)
        found = bytearray(len(content))
        assert down.unprotect_into(counter, frame, found)
        assert found == content


@given(st.integers(0, (1 << 30) - 9), st.integers(0, 8), BODIES)
def test_padded_check_is_the_plain_check(first: int, ahead: int, body: bytes) -> None:
    pads = uplink_pads(KEYS.up_enc, len(body), first, 9)
    frame = uplink(first + ahead, body)
    assert unprotect_padded(KEYS.up_enc, pads, 48 * ahead, frame) == body


@given(COUNTERS, BODIES, st.data())
def test_any_flipped_bit_is_bad_tag(counter: int, body: bytes, data: st.DataObject) -> None:
    frame = uplink(counter, body)
    frame = flipped(frame, data.draw(st.integers(32, 8 * len(frame) - 1)))
    with pytest.raises(BadTag):
        Uplink(KEYS).unprotect(counter, frame)
    pads = uplink_pads(KEYS.up_enc, len(body), counter, 1)
    with pytest.raises(BadTag):
        unprotect_padded(KEYS.up_enc, pads, 0, frame)


@given(COUNTERS, CONTENTS, st.data())
def test_flipped_downlink_is_refused_and_zeroed(
    counter: int, content: bytes, data: st.DataObject
) -> None:
    frame = downlink(counter, content)
    assert read(counter, flipped(frame, data.draw(st.integers(32, 8 * len(frame) - 1)))) is None


@given(COUNTERS, st.binary(max_size=30))
def test_random_frame_is_refused(counter: int, frame: bytes) -> None:
    with pytest.raises(BadTag if 15 <= len(frame) <= 23 else Malformed):
        Uplink(KEYS).unprotect(counter, frame)
    if 15 <= len(frame) <= 19:
        assert read(counter, frame) is None


@given(COUNTERS, BODIES, st.integers(1, 23))
def test_truncated_frame_never_verifies(counter: int, body: bytes, cut: int) -> None:
    frame = uplink(counter, body)[:-cut]
    with pytest.raises(Malformed if len(frame) < 15 else BadTag):
        Uplink(KEYS).unprotect(counter, frame)


@given(CONTENTS, COUNTERS, COUNTERS)
def test_downlink_answers_one_counter_only(content: bytes, counter: int, other: int) -> None:
    assert (read(other, downlink(counter, content)) == content) == (counter == other)


@given(COUNTERS, CONTENTS)
def test_downlink_of_another_key_is_refused(counter: int, content: bytes) -> None:
    assert read(counter, downlink(counter, content), OTHER_KEYS) is None


@given(COUNTERS, CONTENTS)
def test_reflected_frame_is_refused(counter: int, content: bytes) -> None:
    assert read(counter, uplink(counter, content)) is None
    with pytest.raises(BadTag):
        Uplink(KEYS).unprotect(counter, downlink(counter, content))


@given(st.lists(st.tuples(COUNTERS, CONTENTS), min_size=2, max_size=2, unique=True))
def test_downlink_nonces_differ_with_content(pair: list[tuple[int, bytes]]) -> None:
    nonces = []
    for counter, content in pair:
        answer = Downlink(KEYS)
        answer.protect(counter, content, bytearray(len(content) + 12))
        nonces.append(bytes(answer._ccm.nonce))
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize("counter", [-1, 1 << 30, 1 << 32])
def test_counter_beyond_the_limit_is_refused(counter: int) -> None:
    with pytest.raises(ValueError, match="counter"):
        uplink(counter, bytes(3))
    with pytest.raises(ValueError, match="counter"):
        downlink(counter, bytes(3))


@pytest.mark.parametrize(("length", "frame_len"), [(2, 14), (12, 24), (3, 16), (0, 12)])
def test_our_own_wrong_lengths_are_refused(length: int, frame_len: int) -> None:
    with pytest.raises(ValueError, match="length"):
        Uplink(KEYS).protect(0, bytes(length), bytearray(frame_len))
    with pytest.raises(ValueError, match="length"):
        Downlink(KEYS).protect(0, bytes(max(length, 8)), bytearray(frame_len))


@pytest.mark.parametrize("length", [0, 11, 12, 14, 20, 23])
def test_downlink_of_another_length_is_malformed(length: int) -> None:
    with pytest.raises(Malformed):
        Downlink(KEYS).unprotect_into(0, bytes(length), bytearray(max(length - 12, 0)))
