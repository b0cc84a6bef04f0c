"""What a gateway knows of the clock of one device, in memory and as it is stored.

    nothing    no bytes
    heard      counter 4 | time 2 | at 8
    line       since 4 | counter 4 | time 2 | offset 8 | at 8 | certified_at 8        only behind heard

Seconds are those of the gateway's clock, stored as IEEE 754 doubles, everything big-endian.
"""

import math
import struct
from typing import NamedTuple

from protocol.constants import COUNTER_LIMIT, TIME_MODULUS
from protocol.errors import Malformed

_HEARD = struct.Struct(">IHd")
_LINE = struct.Struct(">IIHddd")


class Heard(NamedTuple):
    """The highest frame that told its time: `time` in units of 16 s, received at `at`."""

    counter: int
    time: int
    at: float


class Line(NamedTuple):
    """An upper bound of gateway time less device time: `offset` at `at`, rising 5 % from there on.

    `counter` and `time` are of the last fresh frame; `offset` counts from the turn of the device
    time that frame stands in. All counters from `since` on are of one run of the device's clock.
    A frame received at `certified_at` was received as it was sent.
    """

    since: int
    counter: int
    time: int
    offset: float
    at: float
    certified_at: float


class DeviceClock(NamedTuple):
    """The clock of a device as far as it is known; `DeviceClock()` is a clock nothing is known of."""

    last: Heard | None = None
    line: Line | None = None

    def moved(self, by_s: float) -> "DeviceClock":
        """Return the same in the seconds of a clock that shows `by_s` more."""
        if self.last is None:
            return self
        last = self.last._replace(at=self.last.at + by_s)
        line = self.line
        if line is not None:
            line = line._replace(
                offset=line.offset + by_s,
                at=line.at + by_s,
                certified_at=line.certified_at + by_s,
            )
        return DeviceClock(last, line)

    def to_bytes(self) -> bytes:
        """Return the stored form: 0, 14 or 48 bytes."""
        if self.last is None:
            return b""
        last, line = self.last, self.line
        stored = _HEARD.pack(last.counter, last.time, last.at)
        if line is None:
            return stored
        return stored + _LINE.pack(
            line.since, line.counter, line.time, line.offset, line.at, line.certified_at
        )

    @classmethod
    def from_bytes(cls, stored: bytes) -> "DeviceClock":
        """Take the stored form; raise `Malformed`."""
        if not stored:
            return cls()
        if len(stored) not in (_HEARD.size, _HEARD.size + _LINE.size):
            raise Malformed("length of a stored clock")
        last = Heard(*_HEARD.unpack_from(stored))
        if len(stored) == _HEARD.size:
            clock = cls(last)
        else:
            clock = cls(last, Line(*_LINE.unpack_from(stored, _HEARD.size)))
        clock._check()
        return clock

    def _check(self) -> None:
        last, line = self.last, self.line
        if last is None:
            return
        sound = last.counter < COUNTER_LIMIT and last.time < TIME_MODULUS and math.isfinite(last.at)
        if line is not None:
            seconds = line.offset, line.at, line.certified_at
            sound = (
                sound
                and line.since <= line.counter <= last.counter
                and line.time < TIME_MODULUS
                and all(map(math.isfinite, seconds))
            )
        if not sound:
            raise Malformed("stored clock")
