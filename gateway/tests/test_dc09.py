"""Whatever a receiver answers, it is a reply or has a reason: nothing else may end the way out."""

import string

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.tests.arbitrary import spliced
from gateway.upstream.dc09 import Account, BadReply, Reply, Said, framed, message, reply

CLEAR, SEALED = Account("1234"), Account("1234", b"0123456789ABCDEF")
NOW = 1_790_000_000.0
REASONS = {
    "garbage", "crc", "another_message", "another_account", "in_clear", "wrong_key_or_old",
    "unsigned_ack",
}  # fmt: skip
_TEXT = st.text(string.printable.replace("\r", "").replace("\n", ""), max_size=60)
_CLOCKS = st.from_regex(
    r"\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}", fullmatch=True, alphabet=st.characters(max_codepoint=127)
)


def said(raw: bytes, account: Account) -> Reply | None:
    try:
        return reply(raw, account, 42, NOW)
    except BadReply as error:
        assert error.reason in REASONS  # noqa: PT017 - or it raises nothing
        return None


@given(st.binary(max_size=200) | _TEXT.map(framed) | spliced(framed('"ACK"0042R0L0#1234[]')))
def test_any_bytes_are_a_reply_or_have_a_reason(raw: bytes) -> None:
    for account in (CLEAR, SEALED):
        found = said(raw, account)
        assert found is None or found.verdict in {"ACK", "NAK", "DUH", "RSP"}


@given(st.binary(max_size=80))
def test_whatever_stands_encrypted_in_it_confirms_nothing(behind: bytes) -> None:
    assert said(framed(f'"*ACK"0042R0L0#1234[{behind.hex().upper()}'), SEALED) is None


@given(_CLOCKS)
@example("23:59:59,12-31-9999")
@example("00:00:00,01-01-0001")
def test_a_clock_that_is_told_can_be_followed_for_years(clock: str) -> None:
    found = said(framed(f'"NAK"0000R0L0A0[]_{clock}'), CLEAR)
    assert found is not None
    if found.at is not None:
        for later_s in (0.0, 10 * 365 * 86_400.0):
            assert message(CLEAR, Said("NULL", 1, ""), found.at + later_s, str)
