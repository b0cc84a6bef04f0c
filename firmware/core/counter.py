"""The counter no two frames share, whatever happens to the power.

Flash holds `reserved`: every counter below it may have been used. A start without memory goes on from
there. Reserving is done ahead, between frames, so that no press waits for flash (SPEC, counters).
"""

from protocol.constants import COUNTER_BLOCK, COUNTER_LIMIT, RESERVE, RESERVE_AT_POWER_UP
from protocol.identity import next_first

NOT_DUE = -1
_SPARE = RESERVE + COUNTER_BLOCK  # so that the first frame of a press may tell its time


class CountersUsedUp(Exception):
    """No counter is left below the limit: the device needs a new key."""


class Counter:
    """The next counter, and how far flash says it may go."""

    __slots__ = ("next", "reserved")

    def __init__(self, reserved: int, resumed: int = NOT_DUE) -> None:
        """Go on from `resumed`, the next counter as RTC memory kept it, or else from `reserved`."""
        self.reserved = reserved
        self.next = resumed if 0 <= resumed <= reserved else reserved

    def to_reserve(self, settled: bool) -> int:
        """Return what to write to flash as reserved now, or `NOT_DUE`.

        Until a device is `settled` (a minute after power-up, or touched) it reserves little at a
        time, so that a battery too weak to stay up does not run through its counters.
        """
        spare = self.reserved - self.next
        if spare >= (_SPARE if settled else 1) or self.reserved >= COUNTER_LIMIT:
            return NOT_DUE
        ahead = _SPARE + RESERVE if settled else RESERVE_AT_POWER_UP
        return min(self.next + ahead, COUNTER_LIMIT)

    def reserve(self, reserved: int) -> None:
        """Take note that flash now holds `reserved`."""
        self.reserved = reserved

    def spare(self) -> int:
        """Return how many counters flash still has in reserve."""
        return self.reserved - self.next

    def may_tell_time(self) -> bool:
        """Say whether a restart after the next frame would skip more than `RESERVE` counters.

        Only such a frame may tell its time (SPEC 5.1): nobody takes the clock after the restart
        for the one before.
        """
        return self.reserved - self.next > RESERVE

    def take(self) -> int:
        """Return a counter that was never used; raise `CountersUsedUp`."""
        counter = self.next
        if counter >= self.reserved:
            raise CountersUsedUp
        self.next = counter + 1
        return counter

    def skip_to_incident(self) -> int:
        """Skip to the next multiple of 16, where an incident begins, and return it without taking it."""
        self.next = next_first(self.next)
        return self.next
