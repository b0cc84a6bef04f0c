"""The last uplinks of a device: what each was about, when it was built, who answered.

A downlink is accepted for one of the last four counters, for 5 minutes (SPEC 7.2).
"""

from firmware.core.ticks import diff
from protocol.constants import LAST_COUNTERS
from protocol.kinds import HEARD_WITHIN_MS
from protocol.portable import const

NOTHING = const(-1)
FOR_EMERGENCY = const(1)  # what an uplink is about
FOR_TAMPER = const(2)
FOR_HEARTBEAT = const(3)
FOR_REPORT = const(4)
CONDITION = const(0x20)  # | code | `ENDED` where it is told to have ended
ENDED = const(0x10)
ACCEPTS_MS = const(300_000)


class Uplinks:
    """`last_heard` and `marks` speak of the newest: answered at once, and by which gateways."""

    __slots__ = ("_about", "_built_ms", "_counters", "_newest", "last_heard", "marks")

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._counters = [NOTHING] * LAST_COUNTERS
        self._about = [0] * LAST_COUNTERS
        self._built_ms = [0] * LAST_COUNTERS
        self._newest = 0
        self.last_heard = False
        self.marks = 0

    def sent(self, counter: int, about: int, now_ms: int) -> None:
        """Take note of a frame, and forget the oldest."""
        self._newest = (self._newest + 1) % LAST_COUNTERS
        self._counters[self._newest] = counter
        self._about[self._newest] = about
        self._built_ms[self._newest] = now_ms
        self.last_heard = False  # an answer to an older frame proves nothing of this one
        self.marks = 0

    def about(self, counter: int) -> int:
        """Return what `counter` was about, or `NOTHING` where an answer to it is not accepted."""
        for i in range(LAST_COUNTERS):
            if self._counters[i] == counter:
                return self._about[i]
        return NOTHING

    def answered(self, counter: int, mark_bit: int, now_ms: int) -> None:
        """Take note of an ack (SPEC 5.3)."""
        newest = self._newest
        if (
            counter == self._counters[newest]
            and 0 <= diff(now_ms, self._built_ms[newest]) <= HEARD_WITHIN_MS
        ):
            self.last_heard = True
            self.marks |= mark_bit

    def forget(self, now_ms: int) -> None:
        """Drop what is too old to be answered."""
        for i in range(LAST_COUNTERS):
            if self._counters[i] >= 0 and diff(now_ms, self._built_ms[i]) > ACCEPTS_MS:
                self._counters[i] = NOTHING
