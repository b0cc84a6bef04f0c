"""SIA DC-09: a message to an alarm receiving centre and its reply, as bytes. Pure.

    LF crc 0LLL "SIA-DCS" 0001 R0 L0 #1234 [ #1234|Nri1/PA7 ] _12:30:00,11-22-2026 CR
    LF crc 0LLL "*SIA-DCS"0001 R0 L0 #1234 [ AES-CBC of: pad | #1234|Nri1/PA7 ] _12:30:00,11-22-2026   CR

crc: 16 bits (0xA001 reflected, from 0) over what LLL counts: from the first quote to before CR (5.5.1.2).
Encrypted is all behind the bracket, in hex, with an initial vector of zeros (5.4.6).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateway.upstream.sia_codes import Code

NULL = "NULL"
SIA_DCS = "SIA-DCS"
ADM_CID = "ADM-CID"
FRESH_S = 60.0  # an encrypted reply whose time is further off is an old one
_YEARS = range(2000, 2200)
_HEADER = 8
_BLOCK = 16
_STAMP = "_%H:%M:%S,%m-%d-%Y"
_REPLY = re.compile(
    r'"(\*?)(ACK|NAK|DUH|RSP)"(\d{4})((?:[RLA][0-9A-F]{1,6})*)(?:#([0-9A-F]{3,16}))?\[(.*)',
    re.DOTALL,
)
_BARE = re.compile(rb'\s*"(ACK|NAK|DUH)"\s*')
_TIME = re.compile(r"_(\d\d):(\d\d):(\d\d),(\d\d)-(\d\d)-(\d{4})", re.ASCII)


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC_OF = tuple(
    map(_crc_of, range(256))
)  # bit by bit it would take longer than all else of a reply


class BadReply(Exception):
    """The receiver is to blame; `reason` is short and stable."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Account:
    """Who speaks: `number` is 3 to 16 hex digits; `key` has 16, 24 or 32 bytes, None is in clear.

    `receiver` and `line` are hex digits that the centre gives, most often 0.
    """

    number: str
    key: bytes | None = None
    receiver: str = "0"
    line: str = "0"


class Said(NamedTuple):
    """A message apart from who says it and when: SIA-DCS, ADM-CID or NULL, its number, its data."""

    token: str
    sequence: int
    content: str


class Reply(NamedTuple):
    """`verdict` is ACK, NAK, DUH or RSP; `at` the receiver's clock in Unix seconds, where it tells it."""

    verdict: str
    at: float | None


def data(account: Account, token: str, code: Code, area: int, zone: int) -> str:
    """Return what stands between the brackets; area and zone 0 are of the site as a whole."""
    if token == ADM_CID:
        qualifier = 3 if code.ends else 1
        return f"#{account.number}|{qualifier}{code.number} {area:02} {zone:03}"
    return f"#{account.number}|N{f'ri{area}/' if area else ''}{code.sia}{zone}"


def message(account: Account, said: Said, at: float, pad: Callable[[int], str]) -> bytes:
    """Return a message whose time is `at`, Unix seconds. `pad` makes so many characters of filling."""
    stamp = datetime.fromtimestamp(at, UTC).strftime(_STAMP)
    token, behind = said.token, f"{said.content}]{stamp}"
    if account.key is not None:
        token, behind = f"*{token}", _encrypted(account.key, behind, pad)
    head = f"{said.sequence:04}R{account.receiver}L{account.line}#{account.number}"
    return framed(f'"{token}"{head}[{behind}')


def framed(body: str) -> bytes:
    """Put CRC and length before a body."""
    raw = body.encode("ascii")
    return b"\n%04X%04X%b\r" % (crc(raw), len(raw), raw)


def crc(raw: bytes) -> int:
    """Return the CRC of DC-09 (5.5.1.2), which others call CRC-16/ARC."""
    value = 0
    for byte in raw:
        value = value >> 8 ^ _CRC_OF[(value ^ byte) & 0xFF]
    return value


def whole(raw: bytes) -> bool:
    """Say whether a reply has arrived to its end; some receivers refuse with a word and no frame."""
    return raw.endswith(b"\r") or _BARE.fullmatch(raw) is not None


def reply(raw: bytes, account: Account, sequence: int, now: float) -> Reply:
    """Return what the receiver says to message `sequence`; raise `BadReply`.

    What confirms must be of this account and message, and with a key be encrypted and of `now`: else
    anybody on the way could confirm. NAK and DUH are in clear by the standard: they only refuse.
    """
    bare = _BARE.fullmatch(raw)
    if bare is not None:
        if bare[1] == b"ACK":
            raise BadReply("unsigned_ack")
        return Reply(bare[1].decode(), None)
    star, verdict, number, _, whose, behind = _parts(raw)
    if verdict == "NAK":
        return Reply(verdict, _time_in(behind))
    if int(number) != sequence:
        raise BadReply("another_message")
    if whose != account.number:
        raise BadReply("another_account")
    if verdict == "DUH":
        return Reply(verdict, None)
    if account.key is None:
        return Reply(verdict, _time_in(behind))
    if not star:
        raise BadReply("in_clear")
    at = _time_in(_decrypted(account.key, behind))
    if at is None or abs(at - now) > FRESH_S:
        raise BadReply("wrong_key_or_old")
    return Reply(verdict, at)


def _parts(raw: bytes) -> tuple[str, ...]:
    frame = raw.strip(b"\r\n")
    body = frame[_HEADER:]
    try:
        told_crc, length = int(frame[:4], 16), int(frame[4:_HEADER], 16)
        found = _REPLY.fullmatch(body.decode("ascii"))
    except ValueError as error:
        raise BadReply("garbage") from error
    if length != len(body) or told_crc != crc(body):
        raise BadReply("crc")
    if found is None:
        raise BadReply("garbage")
    return tuple(found.groups(default=""))


def _encrypted(key: bytes, behind: str, pad: Callable[[int], str]) -> str:
    """Fill up to whole blocks: at least the bar, and never a bar or bracket before it."""
    filling = pad(-(len(behind) + 1) % _BLOCK)
    plain = f"{filling}|{behind}".encode("ascii")
    encryptor = _cipher(key).encryptor()
    return (encryptor.update(plain) + encryptor.finalize()).hex().upper()


def _cipher(key: bytes) -> Cipher[CBC]:
    return Cipher(AES(key), CBC(bytes(_BLOCK)))


def _decrypted(key: bytes, behind: str) -> str:
    """Return the text; what a wrong key makes of it has no time in it."""
    try:
        raw = bytes.fromhex(behind)
        decryptor = _cipher(key).decryptor()
        plain = decryptor.update(raw) + decryptor.finalize()
    except ValueError as error:
        raise BadReply("garbage") from error
    return plain.decode("ascii", "replace")


def _time_in(text: str) -> float | None:
    """Return the last time that stands in `text`, Unix seconds; of a year that nobody lives in, none."""
    found = _TIME.findall(text)
    if not found:
        return None
    hour, minute, second, month, day, year = map(int, found[-1])  # strptime would take far longer
    if year not in _YEARS:  # a clock is followed, and none goes on behind the year 9999
        return None
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None
