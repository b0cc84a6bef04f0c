import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import link_messages as lm
from protocol.errors import Malformed

U8, U16, U32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 32))
S8 = st.integers(-128, 127)
FRAMES = st.binary(min_size=15, max_size=23)
MESSAGES = st.one_of(
    st.builds(lm.Hello, U8, U8, U16, U32),
    st.builds(lm.Received, U8, S8, S8, U32, FRAMES),
    st.builds(lm.Done, U16, U8),
    st.builds(lm.Stats, U8, S8, U8, U32, U32),
    st.builds(lm.Pong, U32),
    st.builds(lm.Identity, st.integers(0, (1 << 48) - 1), U8, st.binary(min_size=16, max_size=16)),
    st.builds(lm.Health, U32, U16, U16, U32, U8),
    st.builds(lm.Channel, U32, U8, S8),
    st.builds(lm.HelloRequest),
    st.builds(lm.Transmit, U16, U16, U8, U8, U16, FRAMES),
    st.builds(lm.Setting, U8, U32),
    st.builds(lm.Ping, U32),
)


@given(MESSAGES)
def test_round_trip(message: lm.LinkMessage) -> None:
    again = lm.parse(message.to_bytes())
    assert again == message
    assert hash(again) == hash(message)
    assert repr(again) == repr(message)
    assert len(message.to_bytes()) <= 32


@given(st.binary(max_size=40))
def test_parse_is_total(data: bytes) -> None:
    try:
        message = lm.parse(data)
    except Malformed:
        return
    assert message.to_bytes() == data


@given(MESSAGES, st.integers(1, 31))
def test_cut_message_is_malformed(message: lm.LinkMessage, cut: int) -> None:
    """A frame may be shorter, everything else has one length."""
    data = message.to_bytes()[:-cut]
    if hasattr(message, "frame") and len(message.frame) - cut >= 15:
        assert lm.parse(data) != message
    else:
        with pytest.raises(Malformed):
            lm.parse(data)


@pytest.mark.parametrize(
    "message",
    [
        lm.Done(1 << 16, 0),
        lm.Done(-1, 0),
        lm.Ping(1 << 32),
        lm.Received(0, 128, 0, 0, bytes(15)),
        lm.Received(0, 0, -129, 0, bytes(15)),
    ],
    ids=repr,
)
def test_value_that_does_not_fit_is_refused(message: lm.LinkMessage) -> None:
    with pytest.raises(OverflowError):
        message.to_bytes()


def test_wrong_number_of_fields_is_refused() -> None:
    with pytest.raises(ValueError, match="fields"):
        lm.Done(1)


def test_messages_of_other_types_differ() -> None:
    assert lm.Ping(1) != lm.Pong(1)
    assert lm.Ping(1) != b"\x84\0\0\0\1"
