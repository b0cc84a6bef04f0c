"""Which frames of a worn device go by LoRa as well: its airtime is scarce, and an answer takes its time.

alert, cancel, visit   as the schedule has them, but never while an answer may come, and rarer once
                       8 were sent in the hour (SPEC 9)
query                  always
the rest               where BLE did not answer last time, and one in 64 in any case: a way that is
                       never used fails unseen
"""

from firmware.core.channel import refresh_ms
from firmware.core.ticks import add, diff
from protocol.portable import const

_HOUR_MS = const(3_600_000)
_ALWAYS = const(64)
_WINDOW_MS = const(500)
_LAST_COUNTERS = const(3)  # sent while an answer to the one before them is on its way


class LoraShare:
    """What was sent by LoRa."""

    __slots__ = ("_frames", "_hour_ms", "_next_ms", "_paced")

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._frames = 0  # urgent ones in this hour
        self._hour_ms = 0
        self._next_ms = 0
        self._paced = False

    def takes(self, counter: int, urgent: bool, needed: bool, now_ms: int) -> bool:
        """Say whether the frame `counter` goes by LoRa; `needed`: a query, or BLE does not answer."""
        if urgent:
            return not self._paced or diff(now_ms, self._next_ms) >= 0
        return needed or counter % _ALWAYS == 0

    def sent(self, urgent: bool, toa_us: int, now_ms: int) -> None:
        """Take note of a frame that went."""
        if not urgent:
            return
        if self._frames == 0 or diff(now_ms, self._hour_ms) >= _HOUR_MS:
            self._frames = 0
            self._hour_ms = now_ms
        self._frames += 1
        self._next_ms = add(now_ms, refresh_ms(0, self._frames, toa_us))
        self._paced = True


def exchange_ms(toa_us: int) -> int:
    """Return how long a frame and its answer take at most, once the channel is free (SPEC 9)."""
    return _WINDOW_MS + 6 * toa_us // 1000


def least_refresh_ms(toa_us: int) -> int:
    """Return the time between frames that leaves an answer by LoRa one of the last four to answer."""
    return exchange_ms(toa_us) // _LAST_COUNTERS
