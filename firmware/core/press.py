"""What a hand does with one contact: raw levels in, gestures out.

The finger goes down at the first edge; bounces shorter than the debounce time are not a release.
A hold is told while the finger is still down; short presses are counted until a pause ends them.

    stable for less than 20 ms                       a bounce: no change
    pressed again less than 80 ms after it was       a slow bounce: no tap of its own
    8 slow bounces, or 300 ms without 20 ms of rest  chatter: no hand does that; nothing is told, and
                                                     nothing counts until the level rests for 500 ms
    not at rest for 60 s, or without a pause         stuck, until it is at rest again
    down at power-up                                 no gesture; `LET_GO` when the finger leaves
    begun before the chip was awake                  `UNSEEN` instead of `SHORT`: one tap, or more
"""

from firmware.core.ticks import diff
from protocol.portable import const

NOTHING = const(0)
SHORT = const(1)
DOUBLE = const(2)
TRIPLE = const(3)  # or more: hands under stress do not count
HOLD = const(4)
LONG_HOLD = const(5)
UNSEEN = const(6)
LET_GO = const(7)

DEBOUNCE_MS = const(20)
PAUSE_MS = const(350)
STUCK_MS = const(60_000)
FOREVER = const(-1)
_TAP_MS = const(80)  # the fastest fingers tap 12 times a second
_HAMMERED = const(8)  # so many taps are told at once: hands under stress do not pause either
_SLOW_BOUNCES = const(8)
_RESTLESS_MS = const(300)  # the worst switches bounce for a tenth of that
_CALM_MS = const(500)


class Press:
    """One contact. Call `sample` at every edge and whenever `wait_ms` has passed."""

    __slots__ = (
        "_busy_since",
        "_chattering",
        "_count",
        "_down",
        "_hold_ms",
        "_long_ms",
        "_pressed_at",
        "_probing",
        "_raw",
        "_raw_at",
        "_restless",
        "_restless_since",
        "_since",
        "_slow_bounces",
        "_told",
        "_unseen",
        "stuck",
    )

    def __init__(self, hold_ms: int, long_ms: int) -> None:
        """Tell `HOLD` after `hold_ms` and `LONG_HOLD` after `long_ms` of one press."""
        self._hold_ms = hold_ms
        self._long_ms = long_ms
        self._raw = False
        self._raw_at = 0
        self._restless = False  # an edge came less than the debounce time ago
        self._restless_since = 0
        self._chattering = False
        self._probing = False  # it was stuck, and has to show that it is no more
        self._slow_bounces = 0
        self._down = False
        self._since = 0  # when the finger went down, or up again
        self._pressed_at = 0  # when it last went down
        self._busy_since = 0  # since when the contact is not at rest
        self._count = 0
        self._told = NOTHING
        self._unseen = False
        self.stuck = False

    def begin_down(self, at_ms: int) -> None:
        """Take it that the finger went down at `at_ms`: the press that woke the device."""
        self._begin_held(at_ms, NOTHING)
        self._count = 1
        self._unseen = True

    def begin_tapped(self, at_ms: int) -> None:
        """Take it that the finger went down and up again by `at_ms`: a tap while the device woke."""
        self._since = self._pressed_at = at_ms
        self._count = 1
        self._unseen = True

    def begin_powered(self, at_ms: int) -> None:
        """Take it that the contact is closed, and that nobody knows for how long: power has come."""
        self._begin_held(at_ms, LET_GO)

    def begin_stuck(self, down: bool, at_ms: int) -> None:
        """Take it that the contact was stuck when the device fell asleep: it is free where it rests."""
        self._begin_held(at_ms, LONG_HOLD)
        self._raw = down
        self._chattering = self._probing = self.stuck = True

    def sample(self, down: bool, now_ms: int) -> int:
        """Take the level of the contact; return a gesture or `NOTHING`."""
        gesture = self._until_now(now_ms)
        if down != self._raw:
            self._edge(down, now_ms)
        return gesture

    def busy(self) -> bool:
        """Say whether a gesture is under way; a stuck contact makes none."""
        moves = self._raw or self._down or self._chattering or self._count > 0 or self._restless
        return self._probing or (moves and not self.stuck)

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `sample` is due without an edge, or `FOREVER`."""
        if self._chattering:
            return max(0, _CALM_MS - diff(now_ms, self._raw_at))
        if self._restless:
            return max(0, DEBOUNCE_MS - diff(now_ms, self._raw_at))
        if self._down:
            return self._held_wait_ms(now_ms)
        return max(0, PAUSE_MS - diff(now_ms, self._since)) if self._count else FOREVER

    def _until_now(self, now_ms: int) -> int:
        """Return what the level that was there until now makes of the time."""
        if self._chattering:
            self._calm(now_ms)
            return NOTHING
        if self._restless and diff(now_ms, self._raw_at) >= DEBOUNCE_MS:
            self._restless = False
            if self._raw != self._down:
                gesture = self._settle()
                if gesture != NOTHING:
                    return gesture
        if self._down:
            return self._held(now_ms)
        return self._ended(now_ms)

    def _begin_held(self, at_ms: int, told: int) -> None:
        self._raw = self._down = True
        self._raw_at = self._since = self._pressed_at = self._busy_since = at_ms
        self._told = told

    def _edge(self, down: bool, now_ms: int) -> None:
        if not self._restless:
            self._restless = True
            self._restless_since = now_ms
            if not (self._down or self._count or self._chattering):
                self._busy_since = now_ms
        elif diff(now_ms, self._restless_since) >= _RESTLESS_MS:
            self._chattering = True
        self._raw = down
        self._raw_at = now_ms
        self._probing = False

    def _settle(self) -> int:
        self._down = self._raw
        self._since = self._raw_at
        if not self._down:
            return self._let_go()
        if self._count == 0:
            self._slow_bounces = 0
        if self._count and diff(self._raw_at, self._pressed_at) < _TAP_MS:
            self._slow_bounces += 1
            self._chattering = self._slow_bounces >= _SLOW_BOUNCES
        else:
            self._count += 1
            self._told = NOTHING
        self._pressed_at = self._raw_at
        return TRIPLE if self._count == _HAMMERED else NOTHING

    def _let_go(self) -> int:
        gesture = LET_GO if self._told == LET_GO and not self.stuck else NOTHING
        if self._told:
            self._count = 0  # a hold is not a short press as well
            self._unseen = False
        self.stuck = self.stuck and self._count > 0
        return gesture

    def _ended(self, now_ms: int) -> int:
        """Return what was tapped, if the pause after it is over."""
        if not self._count:
            return NOTHING
        if diff(now_ms, self._since) < PAUSE_MS:
            self._watch_for_stuck(now_ms)
            return NOTHING
        gesture = NOTHING if self._count >= _HAMMERED else min(self._count, TRIPLE)
        if gesture == SHORT and self._unseen:
            gesture = UNSEEN
        self._count = 0
        self._unseen = self.stuck = False
        return gesture

    def _held(self, now_ms: int) -> int:
        age_ms = diff(now_ms, self._since)
        if self._told == NOTHING and age_ms >= self._hold_ms:
            self._told = HOLD
            return HOLD
        if self._told == HOLD and age_ms >= self._long_ms:
            self._told = LONG_HOLD
            return LONG_HOLD
        self._watch_for_stuck(now_ms)
        return NOTHING

    def _held_wait_ms(self, now_ms: int) -> int:
        if self._told == NOTHING:
            due_ms = self._hold_ms
        elif self._told == HOLD:
            due_ms = self._long_ms
        elif self.stuck:
            return FOREVER
        else:
            return max(0, STUCK_MS - diff(now_ms, self._busy_since))
        return max(0, due_ms - diff(now_ms, self._since))

    def _calm(self, now_ms: int) -> None:
        """End the chatter where the level rests; a finger that is down then begins to count."""
        self._count = 0
        self._unseen = False
        if diff(now_ms, self._raw_at) < _CALM_MS:
            self._watch_for_stuck(now_ms)
            return
        self._chattering = self._restless = self._probing = False
        self._slow_bounces = 0
        self._down = self._raw
        self._since = self._pressed_at = self._raw_at
        if self._down:
            self._told = LONG_HOLD if self.stuck else NOTHING
            self._count = 1
        else:
            self.stuck = False

    def _watch_for_stuck(self, now_ms: int) -> None:
        if diff(now_ms, self._busy_since) >= STUCK_MS:
            self.stuck = True
