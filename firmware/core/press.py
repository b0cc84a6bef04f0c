"""What a hand does with one contact: raw levels in, gestures out.

The finger goes down at the first edge; bounces shorter than the debounce time are not a release.
A hold is told while the finger is still down; short presses are counted until a pause ends them.
"""

from firmware.core.ticks import diff
from protocol.portable import const

NOTHING = const(0)
SHORT = const(1)
DOUBLE = const(2)
TRIPLE = const(3)  # or more: hands under stress do not count
HOLD = const(4)
LONG_HOLD = const(5)

DEBOUNCE_MS = const(20)
PAUSE_MS = const(350)
FOREVER = const(-1)


class Press:
    """One contact. Call `sample` at every edge and whenever `wait_ms` has passed."""

    __slots__ = ("_count", "_down", "_hold_ms", "_long_ms", "_raw", "_raw_at", "_since", "_told")

    def __init__(self, hold_ms: int, long_ms: int) -> None:
        """Tell `HOLD` after `hold_ms` and `LONG_HOLD` after `long_ms` of one press."""
        self._hold_ms = hold_ms
        self._long_ms = long_ms
        self._raw = False
        self._raw_at = 0
        self._down = False
        self._since = 0  # when the finger went down, or up again
        self._count = 0
        self._told = NOTHING

    def begin_down(self, at_ms: int) -> None:
        """Take it that the finger went down at `at_ms`: the press that woke the device."""
        self._raw = self._down = True
        self._raw_at = self._since = at_ms
        self._count = 1

    def begin_tapped(self, at_ms: int) -> None:
        """Take it that the finger went down and up again by `at_ms`: a tap while the device woke."""
        self._since = at_ms
        self._count = 1

    def sample(self, down: bool, now_ms: int) -> int:
        """Take the level of the contact; return a gesture or `NOTHING`."""
        if down != self._raw:
            self._raw = down
            self._raw_at = now_ms
        if self._raw != self._down and diff(now_ms, self._raw_at) >= DEBOUNCE_MS:
            self._settle()
        if self._down:
            return self._held(diff(now_ms, self._since))
        if self._count and diff(now_ms, self._since) >= PAUSE_MS:
            gesture = min(self._count, TRIPLE)
            self._count = 0
            return gesture
        return NOTHING

    def busy(self) -> bool:
        """Say whether a gesture is under way."""
        return self._raw or self._down or self._count > 0

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `sample` is due without an edge, or `FOREVER`."""
        if self._raw != self._down:
            return max(0, DEBOUNCE_MS - diff(now_ms, self._raw_at))
        age = diff(now_ms, self._since)
        if self._down:
            if self._told == NOTHING:
                return max(0, self._hold_ms - age)
            return max(0, self._long_ms - age) if self._told == HOLD else FOREVER
        return max(0, PAUSE_MS - age) if self._count else FOREVER

    def _settle(self) -> None:
        self._down = self._raw
        self._since = self._raw_at
        if self._down:
            self._count += 1
            self._told = NOTHING
        elif self._told:
            self._count = 0  # a hold is not a short press as well

    def _held(self, age_ms: int) -> int:
        if self._told == NOTHING and age_ms >= self._hold_ms:
            self._told = HOLD
            return HOLD
        if self._told == HOLD and age_ms >= self._long_ms:
            self._told = LONG_HOLD
            return LONG_HOLD
        return NOTHING
