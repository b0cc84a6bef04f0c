"""Contacts of a call box: a level counts once it has stayed the same for its time.

input      closed counts after   open counts after
button     50 ms                 50 ms              a press; closed for 60 s: stuck
tamper     200 ms                200 ms             a loop: open is the alarm
cabinet    1 s                   1 s                a loop: open is the condition
mains      3 s                   3 s                the supply dips when a heavy load starts
"""

from firmware.core.ticks import add, diff
from protocol.portable import const

BUTTON_MS = const(50)
TAMPER_MS = const(200)
CABINET_MS = const(1_000)
MAINS_MS = const(3_000)
STUCK_MS = const(60_000)
FOREVER = const(-1)
NONE_STUCK = const(-1)


class Input:
    """One contact. `active` is what counts; it changes `settle_ms` after the level did."""

    __slots__ = ("_changing", "_since_ms", "_settle_ms", "active")

    def __init__(self, settle_ms: int, active: bool) -> None:
        """Begin with the level found at the start: it is no change."""
        self._settle_ms = settle_ms
        self._changing = False
        self._since_ms = 0
        self.active = active

    def sample(self, level: bool, now_ms: int) -> bool:
        """Take the level; say whether `active` changed now."""
        if level == self.active:
            self._changing = False
            return False
        if not self._changing:
            self._changing = True
            self._since_ms = now_ms
        if diff(now_ms, self._since_ms) < self._settle_ms:
            return False
        self._changing = False
        self.active = level
        return True

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `active` may change without another edge, or `FOREVER`."""
        if not self._changing:
            return FOREVER
        return max(0, diff(add(self._since_ms, self._settle_ms), now_ms))


class Buttons:
    """The emergency buttons, by number. One that is closed at the start counts from its next press."""

    __slots__ = ("_inputs", "_pressed_ms", "_stuck")

    def __init__(self, levels: "list[bool]", now_ms: int) -> None:
        """Take which of them are down at the start."""
        self._inputs = [Input(BUTTON_MS, level) for level in levels]
        self._pressed_ms = [now_ms for _ in levels]
        self._stuck = [False for _ in levels]

    def sample(self, number: int, down: bool, now_ms: int) -> bool:
        """Take a level; say whether this is a press."""
        contact = self._inputs[number]
        if contact.sample(down, now_ms):
            self._pressed_ms[number] = now_ms
            self._stuck[number] = False
            return contact.active
        # What is stuck stays so until it opens: after 6 days the ticks would say otherwise.
        if contact.active and diff(now_ms, self._pressed_ms[number]) >= STUCK_MS:
            self._stuck[number] = True
        return False

    def stuck(self) -> int:
        """Return the number of a button that is stuck, or `NONE_STUCK`."""
        for number in range(len(self._stuck)):
            if self._stuck[number]:
                return number
        return NONE_STUCK

    def held_ms(self, number: int, now_ms: int) -> int:
        """Return for how long a button has been down, 0 where it is not; a stuck one is no hand."""
        if self._stuck[number] or not self._inputs[number].active:
            return 0
        return diff(now_ms, self._pressed_ms[number])

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms something may change without another edge, or `FOREVER`."""
        soonest = FOREVER
        for number in range(len(self._inputs)):
            wait = self._inputs[number].wait_ms(now_ms)
            if wait < 0 and self._inputs[number].active and not self._stuck[number]:
                wait = max(0, diff(add(self._pressed_ms[number], STUCK_MS), now_ms))
            if wait >= 0 and (soonest < 0 or wait < soonest):
                soonest = wait
        return soonest
