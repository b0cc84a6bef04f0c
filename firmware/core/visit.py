"""A timed visit: it begins, may be extended, and ends before its time, or the gateway raises an alert.

    ask --all healthy--> runs: felt as VISIT      end --all healthy--> over: felt as VISIT_ENDED
        --not so------->       felt as NOT_COVERED    --not so-------> told again for an hour
        --8 s, nobody-->       felt as NOT_COVERED

What decides is the gateway's clock: it has the visit where its answer says that the plan applies it. The
device reminds its wearer 5 minutes before the end (a fifth of a short visit), a minute before, and says
so when the time is up: from then on the gateway calls for help. A start that nobody answered may have
been heard all the same, so it is taken back.
"""

from firmware.core import indication
from firmware.core.ticks import add, diff
from protocol.kinds import BLOCK_MAX, COVERED, PLAN_OK
from protocol.portable import const

FOREVER = const(-1)
NO_VISIT = const(-1)
ASK_MS = const(8_000)  # SPEC 5.1: what is on air is at most so old
SHORTEST_MIN = const(5)
UNKNOWN_S = const(0)  # when it ends, after a loss of power
_REMIND_S = const(300)
_LAST_REMIND_S = const(60)
_RETRY_S = const(10)
_RETRY_FOR_S = const(60)
_SLOW_RETRY_S = const(60)
_GIVES_UP_S = const(3_600)
_REMINDERS = const(3)  # the third says that it is over
_SAID_UNHEARD = const(4)  # that its end was not heard yet


class Visit:
    """The visit of one device. `now_s` is a clock that runs on in sleep."""

    __slots__ = (
        "_asked",
        "_asked_first",
        "_asked_until_ms",
        "_end_after",
        "_end_due_s",
        "_sent",
        "ending_s",
        "first",
        "minutes",
        "told",
        "until_s",
    )

    def __init__(self) -> None:
        """Begin without one."""
        self.first = NO_VISIT  # counter of the start that is in force, or may be
        self.until_s = NO_VISIT
        self.minutes = 0
        self.told = 0  # reminders
        self.ending_s = NO_VISIT  # since when its end is being told
        self._end_due_s = 0
        self._end_after = False  # a new start, because the old one cannot be named any more
        self._asked = False  # a start is to be sent
        self._sent = False  # and was
        self._asked_first = NO_VISIT
        self._asked_until_ms = 0

    def lose_clock(self) -> None:
        """It runs, and nobody here knows until when: power was lost, and the gateway has the time."""
        self.until_s = UNKNOWN_S
        self.told = _REMINDERS

    def end_again(self, since_s: int) -> None:
        """Go on telling its end after a sleep or a reset, as since `since_s`."""
        self.ending_s = self._end_due_s = since_s

    def runs(self) -> bool:
        """Say whether a gateway supervises it."""
        return self.until_s != NO_VISIT and self.ending_s == NO_VISIT

    def ask(self, minutes: int) -> None:
        """Begin a visit of `minutes` from now, or extend the one that runs to then."""
        self.minutes = minutes
        self._asked = True
        self._sent = self._end_after = False
        self.ending_s = NO_VISIT

    def start_due(self) -> bool:
        """Say whether a start is to be sent."""
        return self._asked

    def asking(self) -> bool:
        """Say whether a start is to be sent, or to be answered."""
        return self._asked or self._sent

    def start_sent(self, counter: int, now_ms: int) -> None:
        """Take note that the start is on air."""
        self._asked = False
        self._sent = True
        self._asked_first = counter
        self._asked_until_ms = add(now_ms, ASK_MS)

    def start_answered(self, arg: int, now_s: int) -> int:
        """Take the ack of the start; return what is felt."""
        if not self._sent:
            return indication.NOTHING
        self._sent = False
        if arg & PLAN_OK:
            self.first = self._asked_first
            self.until_s = now_s + 60 * self.minutes
            self.told = 0
            if self._end_after:
                self.end(now_s)
                return indication.NOTHING
        return indication.VISIT if arg & COVERED == COVERED else indication.NOT_COVERED

    def poll(self, now_ms: int, now_s: int) -> int:
        """Return what is to be felt because of the time, or `NOTHING`."""
        if self._sent and diff(now_ms, self._asked_until_ms) >= 0:
            return self._start_unanswered(now_s)
        return self._remind(now_s) if self.ending_s == NO_VISIT else self._end_unanswered(now_s)

    def end(self, now_s: int) -> None:
        """End the visit, or the start that is being asked for."""
        if self._sent and not self.runs():
            self.first = (
                self._asked_first
            )  # else it is one more start of the visit that `first` names
        self._asked = self._sent = self._end_after = False
        if self.first != NO_VISIT:
            self.ending_s = self._end_due_s = now_s
            self.told = _REMINDERS

    def end_due(self, now_s: int) -> bool:
        """Say whether a visit_end is to be sent."""
        return self.ending_s != NO_VISIT and not self.asking() and now_s >= self._end_due_s

    def nameable(self, counter: int) -> bool:
        """Say whether a frame with `counter` can name the start; if not, a new one is asked for."""
        if (counter >> 4) - (self.first >> 4) <= BLOCK_MAX:
            return True
        self.ask(SHORTEST_MIN)
        self._end_after = True
        return False

    def end_sent(self, now_s: int) -> None:
        """Take note that a visit_end is on air, and plan the next."""
        fast = now_s - self.ending_s < _RETRY_FOR_S
        self._end_due_s = now_s + (_RETRY_S if fast else _SLOW_RETRY_S)

    def end_answered(self, arg: int) -> int:
        """Take the ack of a visit_end; return what is felt."""
        if self.ending_s == NO_VISIT or arg & COVERED != COVERED:
            return indication.NOTHING
        self._forget()
        return indication.VISIT_ENDED

    def wait_s(self, now_s: int) -> int:
        """Return in how many seconds the device has to be awake for it, or `FOREVER`."""
        if self.ending_s != NO_VISIT:
            return max(0, self._end_due_s - now_s)
        if self.until_s == NO_VISIT or self.told >= _REMINDERS:
            return FOREVER
        return max(0, self.until_s - self._ahead_s(self.told) - now_s)

    def _ahead_s(self, reminder: int) -> int:
        if reminder == 0:
            return min(_REMIND_S, 12 * self.minutes)
        return _LAST_REMIND_S if reminder == 1 else 0

    def _remind(self, now_s: int) -> int:
        feeling = indication.NOTHING
        if self.until_s == NO_VISIT:
            return feeling
        while self.told < _REMINDERS and now_s >= self.until_s - self._ahead_s(self.told):
            self.told += 1
            feeling = indication.REMINDER
            if self.told == _REMINDERS:
                self.until_s = NO_VISIT  # and yet it can be ended: `first` stays
                return indication.OVERDUE
        return feeling

    def _end_unanswered(self, now_s: int) -> int:
        age_s = now_s - self.ending_s
        if age_s > _GIVES_UP_S:
            self._forget()
            return indication.NOT_RECEIVED
        if age_s >= _RETRY_S and self.told != _SAID_UNHEARD:
            self.told = _SAID_UNHEARD
            return indication.NOT_RECEIVED
        return indication.NOTHING

    def _start_unanswered(self, now_s: int) -> int:
        self._sent = False
        if not self.runs():
            self.first = self._asked_first
            self.ending_s = now_s
            self._end_due_s = now_s + _RETRY_S
            self.told = _SAID_UNHEARD  # that is what it feels now
        return indication.NOT_COVERED

    def _forget(self) -> None:
        self.first = self.until_s = self.ending_s = NO_VISIT
        self._asked = self._sent = self._end_after = False
