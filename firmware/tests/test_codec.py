import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.codec import NONE_HEARD, Codec
from firmware.core.counter import Counter, CountersUsedUp
from protocol.advert import from_advert
from protocol.constants import FRAME_MIN, LAST_COUNTERS
from protocol.keys import Keys
from protocol.kinds import downlink_word, put_word
from protocol.messages import Answer
from protocol.protect import Downlink, Uplink

KEY = bytes(range(16))
FIRST = 640
WORDS = st.integers(0, (1 << 24) - 1)


def codec(sent: int = 0) -> Codec:
    made = Codec(KEY, Counter(FIRST + 1_000, FIRST))
    for _ in range(sent):
        made.send(0x100064)
    return made


def answer(counter: int, op: int = 1, key: bytes = KEY) -> bytearray:
    frame = bytearray(FRAME_MIN)
    Downlink(Keys(key)).protect(counter, Answer(op, 0xFF).to_bytes(), frame)
    return frame


def receive(receiver: Codec, frame: bytes | bytearray) -> int:
    """Hand over a frame as the radio does: in a buffer longer than itself."""
    return receiver.receive(bytearray(frame) + bytes(24 - len(frame)), len(frame))


@given(WORDS, st.integers(0, (1 << 30) - 1))
def test_advert_is_what_the_protocol_protects(word: int, counter: int) -> None:
    sender = Codec(KEY, Counter(1 << 30, counter))
    sender.send(word)
    body = bytearray(3)
    put_word(word, body)
    expected = bytearray(FRAME_MIN)
    Uplink(Keys(KEY)).protect(counter, body, expected)
    assert from_advert(bytes(sender.advert)) == expected
    assert sender.counter.next == counter + 1


def test_worked_example_of_the_specification() -> None:
    sender = Codec(KEY, Counter(64, 18))
    sender.counter.skip_to_incident()
    sender.send(0x100064)
    assert sender.advert.hex() == "02010612ffffffa6aa6914b6d0db70aa98c7f305d418"


def test_no_frame_leaves_without_a_counter() -> None:
    sender = Codec(KEY, Counter(5))
    before = bytes(sender.advert)
    with pytest.raises(CountersUsedUp):
        sender.send(1)
    assert bytes(sender.advert) == before


def test_answers_to_the_last_four_count_and_no_others() -> None:
    receiver = codec(sent=7)
    last = FIRST + 6
    for counter in range(FIRST, FIRST + 8):
        word = receive(receiver, answer(counter))
        if last - LAST_COUNTERS < counter <= last:
            assert word == downlink_word(1, 0xFF, 0)
            assert receiver.heard_counter == counter
        else:
            assert word == NONE_HEARD


def test_nothing_is_heard_before_anything_was_sent() -> None:
    assert receive(codec(), answer(FIRST)) == NONE_HEARD
    assert receive(codec(), bytes(FRAME_MIN)) == NONE_HEARD


def test_another_device_answered_is_not_us() -> None:
    assert receive(codec(sent=1), answer(FIRST, key=bytes(16))) == NONE_HEARD


@given(st.integers(0, 8 * FRAME_MIN - 1))
def test_any_flipped_bit_is_not_heard(bit: int) -> None:
    frame = answer(FIRST)
    frame[bit // 8] ^= 1 << bit % 8
    assert receive(codec(sent=1), frame) == NONE_HEARD


def test_own_frame_played_back_is_not_heard() -> None:
    receiver = codec(sent=1)
    assert receive(receiver, from_advert(bytes(receiver.advert))) == NONE_HEARD


def test_hearing_does_not_disturb_what_is_on_air() -> None:
    receiver = codec(sent=1)
    before = bytes(receiver.advert)
    assert receive(receiver, answer(FIRST)) != NONE_HEARD
    assert bytes(receiver.advert) == before


@given(st.binary(max_size=23))
def test_any_bytes_are_heard_or_not(frame: bytes) -> None:
    assert receive(codec(sent=4), frame) == NONE_HEARD
