"""One of the two incidents a call box may have open at once: the emergency (or its test), and the tamper.

Both draw from one counter. An incident takes its first counter when its first frame is built, not when it
is raised: two that are raised in one moment must not begin with the same.
"""

from firmware.core.alert import Alert
from firmware.core.counter import Counter
from protocol.kinds import ACKNOWLEDGED, NONE, TEST
from protocol.portable import const

NO_INCIDENT = const(-1)
NOTHING = const(0)  # kind 0 is reserved


class BoxIncident:
    """An `Alert`, raised but perhaps not sent yet."""

    __slots__ = ("_again", "_raised", "_testing", "alert")

    def __init__(self, slow_ms: int) -> None:
        """Begin with none; an alert of an hour is refreshed every `slow_ms`."""
        self.alert = Alert(slow_ms)
        self._raised = NOTHING
        self._again = False
        self._testing = False

    def resume(self, kind: int, first: int, felt: int, next_counter: int, now_ms: int) -> None:
        """Go on with what was open before the power went: the same incident (SPEC 7.1).

        One that began above the next counter is none of this key's.
        """
        if not 0 <= first < next_counter or felt >= ACKNOWLEDGED:
            return
        self.alert.raise_new(kind, 0, first, now_ms)
        self.alert.felt = felt

    def raise_(self, kind: int) -> bool:
        """Raise it, or insist where it is open; say whether it is a new one."""
        alert = self.alert
        is_open = self._raised == NOTHING and alert.open and alert.kind == kind
        if is_open and alert.felt < ACKNOWLEDGED:  # after that a press is a new incident
            self._again = True
            return False
        is_new = self._raised != kind
        self._raised = kind
        return is_new

    def running(self) -> bool:
        """Say whether an alert is to be sent, now or later."""
        return self.alert.open or self._raised != NOTHING

    def kind(self) -> int:
        """Return what runs or ran last."""
        return self._raised or self.alert.kind

    def felt(self) -> int:
        """Return the stage that people at the box were shown."""
        return NONE if self._raised or self._again else self.alert.felt

    def first(self) -> int:
        """Return the first counter of the open incident, or `NO_INCIDENT`."""
        return self.alert.first if self.alert.open else NO_INCIDENT

    def due(self, now_ms: int) -> bool:
        """Say whether a frame is due."""
        return self._raised != NOTHING or self._again or self.alert.due(now_ms)

    def begins(self, counter: int) -> bool:
        """Say whether its next frame skips from `counter` to a multiple of 16."""
        return self._raised != NOTHING or (self.alert.open and self.alert.overflows(counter))

    def word(self, counter: Counter, time: int, now_ms: int) -> int:
        """Return the word to send with `counter.next`."""
        alert = self.alert
        if self._raised != NOTHING:
            alert.raise_new(self._raised, 0, counter.skip_to_incident(), now_ms)
            self._testing = alert.kind == TEST
        elif alert.overflows(counter.next):
            alert.raise_new(alert.kind, alert.duress, counter.skip_to_incident(), now_ms)
        elif self._again:
            alert.insist(alert.kind, counter.next, now_ms)
        self._raised = NOTHING
        self._again = False
        return alert.word(counter.next, time, now_ms)

    def heard(self, op: int, counter: int, now_ms: int) -> int:
        """Take an ack; return the stage newly reached, or `NONE`."""
        return self.alert.heard(op, counter, now_ms)

    def test_over(self, now_ms: int) -> bool:
        """Say, once, that a test was told on, or that nobody has answered it."""
        self.alert.due(now_ms)  # gives it up in time
        over = self._testing and not self.alert.open
        self._testing = self._testing and not over
        return over

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms a frame is due, or -1."""
        return 0 if self._raised or self._again else self.alert.wait_ms(now_ms)
