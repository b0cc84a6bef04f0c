"""A replay never raises; a reused counter does, however long ago its frame was accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.frames.fingerprints import STORED_LEN, Fingerprints
from protocol.errors import Malformed
from protocol.replay import NEW, SEEN, Window


def frame(counter: int, variant: int = 0) -> bytes:
    return bytes(7) + (counter * 7919 + variant + 1).to_bytes(8, "little")


def test_a_replay_is_the_same_and_a_reuse_another() -> None:
    known = Fingerprints()
    known.accept(5, frame(5))
    assert not known.differs(5, frame(5))
    assert known.differs(5, frame(5, 1))


def test_what_is_not_known_never_differs() -> None:
    assert not Fingerprints().differs(5, frame(5))


def test_once_two_frames_had_a_counter_neither_raises_again() -> None:
    known = Fingerprints()
    known.accept(5, frame(5))
    known.reuse(5)
    assert not known.differs(5, frame(5))
    assert not known.differs(5, frame(5, 1))


def test_a_tag_that_begins_with_zeros_is_known_as_well() -> None:
    known = Fingerprints()
    zeros = bytes(15)
    known.accept(5, zeros)
    assert not known.differs(5, zeros)
    assert known.differs(5, frame(5))


def test_only_the_tag_counts_whatever_the_length() -> None:
    known = Fingerprints()
    known.accept(5, bytes(11) + b"\xaa\xbb" + bytes(10)[:6])
    assert not known.differs(5, bytes(7) + b"\xaa\xbb" + bytes(6))


def test_the_stored_form_is_2048_bytes_by_counter() -> None:
    known = Fingerprints()
    known.accept(1024 + 3, bytes(7) + b"\x12\x34" + bytes(6))
    stored = known.to_bytes()
    assert len(stored) == STORED_LEN == 2048
    assert stored[6:8] == b"\x12\x34"
    assert stored.strip(b"\0") == b"\x12\x34"
    assert Fingerprints(stored).to_bytes() == stored


@pytest.mark.parametrize("length", [0, 2047, 2049])
def test_another_length_is_refused(length: int) -> None:
    with pytest.raises(Malformed):
        Fingerprints(bytes(length))


STEPS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 2)), max_size=60)


@given(STEPS, st.integers(0, 3000))
def test_beside_a_window_no_accepted_frame_ever_differs(
    steps: list[tuple[int, int]], floor: int
) -> None:
    window = Window(floor - 1, (1 << 1024) - 1) if floor else Window()
    known = Fingerprints()
    accepted: dict[int, set[bytes]] = {}
    for counter, variant in steps:
        heard = frame(counter, variant)
        judged = window.judge(counter)
        if judged == NEW:
            window.accept(counter)
            known.accept(counter, heard)
            accepted[counter] = {heard}
        elif judged == SEEN and known.differs(counter, heard):
            assert heard not in accepted[counter]
            known.reuse(counter)
            accepted[counter].add(heard)
        known = Fingerprints(known.to_bytes())
    for counter, frames in accepted.items():
        if window.judge(counter) == SEEN:
            assert not any(known.differs(counter, heard) for heard in frames)
            if len(frames) == 1:
                assert known.differs(counter, frame(counter, 9))
