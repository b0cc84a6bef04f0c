import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import kinds as k
from protocol import messages as m
from protocol.errors import Malformed
from protocol.names import KIND_NAMES

TIMES = st.integers(0, 2047)
BIT = st.integers(0, 1)
EXTRA = st.binary(max_size=8)
MESSAGES = st.one_of(
    st.builds(
        m.IncidentMessage,
        st.sampled_from([*k.ALERT_KINDS, k.CANCEL, k.VISIT_END]),
        BIT,
        st.integers(0, 3),
        st.integers(0, 63),
        TIMES,
        EXTRA,
    ),
    st.builds(m.VisitStart, BIT, st.integers(0, 255).map(lambda n: n * 5), TIMES, EXTRA),
    st.builds(
        m.Condition,
        st.sampled_from([k.FAULT, k.RESTORE]),
        st.integers(0, 31),
        st.integers(0, 15),
        TIMES,
        EXTRA,
    ),
    st.builds(m.Query, TIMES, EXTRA),
    st.builds(m.Report, st.integers(0, 15), st.integers(0, 15), BIT, TIMES, EXTRA),
    st.builds(m.Heartbeat, BIT, BIT, st.integers(0, 127), TIMES, EXTRA),
    st.builds(m.Unknown, st.integers(0, 0xFFFFF).map(lambda n: n | 0xF00000), EXTRA),
)


@given(MESSAGES)
def test_round_trip(message: m.Message) -> None:
    again = m.parse_uplink(message.to_bytes())
    assert again == message
    assert hash(again) == hash(message)
    assert [getattr(again, n) for n in again.fields] == [getattr(message, n) for n in again.fields]
    assert repr(again) == repr(message)


@given(st.binary(max_size=20))
def test_parse_uplink_is_total(body: bytes) -> None:
    if not 3 <= len(body) <= 11:
        with pytest.raises(Malformed):
            m.parse_uplink(body)
        return
    message = m.parse_uplink(body)
    assert message.extra == body[3:]
    assert message.word() >> 20 == body[0] >> 4


@given(st.binary(max_size=12))
def test_parse_downlink_is_total(content: bytes) -> None:
    if not 3 <= len(content) <= 7:
        with pytest.raises(Malformed):
            m.parse_downlink(content)
        return
    answer = m.parse_downlink(content)
    assert answer.to_bytes() == content


def test_a_mark_has_a_bit_and_what_is_none_has_not() -> None:
    bits = [k.mark_bit(k.downlink_word(k.STORED, 0xFF, 0, mark)) for mark in range(256)]
    assert bits[:9] == [0, 1, 2, 4, 8, 16, 32, 64, 0]
    assert not any(bits[8:])


@given(st.integers(0, (1 << 24) - 1))
def test_put_word_is_big_endian(word: int) -> None:
    out = bytearray(4)
    k.put_word(word, out)
    assert out == word.to_bytes(3) + b"\0"
    assert k.word_of(out) == word


@given(MESSAGES, MESSAGES)
def test_kinds_have_one_length(one: m.Message, other: m.Message) -> None:
    one.extra = other.extra = b""
    assert len(one.to_bytes()) == len(other.to_bytes()) == 3


def test_every_kind_has_a_name_and_a_type() -> None:
    assert sorted(KIND_NAMES) == list(range(1, 15))
    for kind in range(16):
        message = m.parse_uplink(bytes([kind << 4, 0, 0]))
        assert isinstance(message, m.Unknown) == (kind not in KIND_NAMES)


@pytest.mark.parametrize(
    ("seconds", "time"), [(0, 0), (15, 0), (16, 1), (2047 * 16 - 1, 2046), (2047 * 16, 0)]
)
def test_device_time(seconds: int, time: int) -> None:
    assert k.device_time(seconds, known=True) == time
    assert k.device_time(seconds, known=False) == 2047


@pytest.mark.parametrize(
    ("millivolts", "page"),
    [(0, 0), (1_600, 0), (1_619, 0), (1_620, 1), (3_000, 70), (4_140, 127), (9_000, 127)],
)
def test_battery_page(millivolts: int, page: int) -> None:
    assert k.battery_page(millivolts) == page


def test_message_of_no_kind_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="no kind"):
        m.Message().word()


def test_other_types_are_not_equal() -> None:
    assert m.Query(5) != m.Unknown(k.query_word(5))
    assert m.Query(5) != k.query_word(5)
