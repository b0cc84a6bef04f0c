"""The types a gateway reads the 24 bits of a frame as; `protocol.kinds` draws the bits.

What follows the word in a longer body (a position) is `extra`.
"""

from protocol.constants import BODY_MAX, BODY_MIN, CONTENT_MAX
from protocol.errors import Malformed
from protocol.kinds import (
    ALERT_KINDS,
    CANCEL,
    FAULT,
    HEARTBEAT,
    QUERY,
    REPORT,
    RESTORE,
    VISIT_END,
    VISIT_START,
    condition_word,
    downlink_word,
    heartbeat_word,
    incident_word,
    query_word,
    report_word,
    visit_start_word,
    word_of,
)

INCIDENT_KINDS = ALERT_KINDS + (CANCEL, VISIT_END)


class Message:
    """What all messages share: named fields, equality, and `to_bytes`."""

    __slots__ = ("extra",)
    fields: "tuple[str, ...]" = ()
    extra: bytes

    def word(self) -> int:
        """Return the 24 bits."""
        raise ValueError("a message of no kind")

    def to_bytes(self) -> bytes:
        """Return the body, 3 to 11 bytes."""
        return self.word().to_bytes(3, "big") + self.extra

    def __eq__(self, other: object) -> bool:
        """Compare type and fields."""
        return (
            isinstance(other, Message)
            and type(self) is type(other)
            and self.to_bytes() == other.to_bytes()
        )

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.to_bytes())

    def __repr__(self) -> str:
        """Show every field by name."""
        shown = ", ".join([name + "=" + repr(getattr(self, name)) for name in self.fields])
        return type(self).__name__ + "(" + shown + ")"


class IncidentMessage(Message):
    """Alert, test, cancel or visit_end: what names an incident by `block`."""

    __slots__ = ("block", "duress", "felt", "kind", "time")
    fields = ("kind", "duress", "felt", "block", "time")

    def __init__(
        self, kind: int, duress: int, felt: int, block: int, time: int, extra: bytes = b""
    ) -> None:
        """`felt`: the highest stage the wearer felt. `block`: 16s since the first counter."""
        self.kind = kind
        self.duress = duress
        self.felt = felt
        self.block = block
        self.time = time
        self.extra = extra

    def word(self) -> int:
        """Return the 24 bits."""
        return incident_word(self.kind, self.duress, self.felt, self.block, self.time)


class VisitStart(Message):
    """A visit begins or is extended; no end within `minutes` is an alert."""

    __slots__ = ("duress", "minutes", "time")
    fields = ("duress", "minutes", "time")

    def __init__(self, duress: int, minutes: int, time: int, extra: bytes = b"") -> None:
        """`minutes` is a multiple of 5."""
        self.duress = duress
        self.minutes = minutes
        self.time = time
        self.extra = extra

    def word(self) -> int:
        """Return the 24 bits."""
        return visit_start_word(self.duress, self.minutes, self.time)


class Condition(Message):
    """A fault of the device begins (`FAULT`) or ends (`RESTORE`)."""

    __slots__ = ("code", "kind", "time", "value")
    fields = ("kind", "code", "value", "time")

    def __init__(self, kind: int, code: int, value: int, time: int, extra: bytes = b"") -> None:
        """Take a 5-bit `code` and its 4-bit `value`."""
        self.kind = kind
        self.code = code
        self.value = value
        self.time = time
        self.extra = extra

    def word(self) -> int:
        """Return the 24 bits."""
        return condition_word(self.kind, self.code, self.value, self.time)


class Query(Message):
    """The wearer asks whether she is covered here."""

    __slots__ = ("time",)
    fields = ("time",)

    def __init__(self, time: int, extra: bytes = b"") -> None:
        """Take the device time."""
        self.time = time
        self.extra = extra

    def word(self) -> int:
        """Return the 24 bits."""
        return query_word(self.time)


class Report(Message):
    """What became of a command."""

    __slots__ = ("ok", "op", "seq", "time")
    fields = ("op", "seq", "ok", "time")

    def __init__(self, op: int, seq: int, ok: int, time: int, extra: bytes = b"") -> None:
        """Name the command by `op` and `seq`."""
        self.op = op
        self.seq = seq
        self.ok = ok
        self.time = time
        self.extra = extra

    def word(self) -> int:
        """Return the 24 bits."""
        return report_word(self.op, self.seq, self.ok, self.time)


class Heartbeat(Message):
    """A sign of life; `data` is the page its counter names."""

    __slots__ = ("data", "heard", "listening", "time")
    fields = ("listening", "heard", "data", "time")

    def __init__(
        self, listening: int, heard: int, data: int, time: int, extra: bytes = b""
    ) -> None:
        """`listening`: a window follows. `heard`: the frame just before was answered at once."""
        self.listening = listening
        self.heard = heard
        self.data = data
        self.time = time
        self.extra = extra

    def word(self) -> int:
        """Return the 24 bits."""
        return heartbeat_word(self.listening, self.heard, self.data, self.time)


class Unknown(Message):
    """Authentic, of a kind this version does not know: commit it, report it."""

    __slots__ = ("bits",)
    fields = ("bits",)

    def __init__(self, bits: int, extra: bytes = b"") -> None:
        """Keep the 24 bits."""
        self.bits = bits
        self.extra = extra

    def word(self) -> int:
        """Return the 24 bits."""
        return self.bits


class Answer(Message):
    """A downlink: an ack (`op` is a stage) or a command."""

    __slots__ = ("arg", "mark", "op", "seq")
    fields = ("op", "arg", "seq", "mark")

    def __init__(self, op: int, arg: int, seq: int = 0, mark: int = 0, extra: bytes = b"") -> None:
        """`arg` of an ack is health bits and estimate; `seq` counts commands of one counter.

        `mark` is that of the gateway, 1 to 7; 0 in a command, or where it has none.
        """
        self.op = op
        self.arg = arg
        self.seq = seq
        self.mark = mark
        self.extra = extra

    def word(self) -> int:
        """Return the 24 bits."""
        return downlink_word(self.op, self.arg, self.seq, self.mark)


def parse_uplink(body: bytes) -> Message:
    """Return the message in an uplink's body; raise `Malformed` for a length that cannot be."""
    if not BODY_MIN <= len(body) <= BODY_MAX:
        raise Malformed("body length")
    word = word_of(body)
    kind = word >> 20
    time = word & 0x7FF
    extra = bytes(body[3:])
    if kind in INCIDENT_KINDS:
        return IncidentMessage(kind, word >> 19 & 1, word >> 17 & 3, word >> 11 & 0x3F, time, extra)
    if kind == HEARTBEAT:
        return Heartbeat(word >> 19 & 1, word >> 18 & 1, word >> 11 & 0x7F, time, extra)
    if kind in (FAULT, RESTORE):
        return Condition(kind, word >> 15 & 0x1F, word >> 11 & 0xF, time, extra)
    if kind == VISIT_START:
        return VisitStart(word >> 19 & 1, (word >> 11 & 0xFF) * 5, time, extra)
    if kind == QUERY:
        return Query(time, extra)
    if kind == REPORT:
        return Report(word >> 16 & 0xF, word >> 12 & 0xF, word >> 11 & 1, time, extra)
    return Unknown(word, extra)


def parse_downlink(content: bytes) -> Answer:
    """Return the answer in a downlink's content; raise `Malformed` for a length that cannot be."""
    if not BODY_MIN <= len(content) <= CONTENT_MAX:
        raise Malformed("content length")
    word = word_of(content)
    extra = bytes(content[3:])
    return Answer(word >> 20, word >> 12 & 0xFF, word >> 8 & 0xF, word & 0xFF, extra)
