"""Decides when something that comes and goes is a fault: on after a while, off after a while. Pure.

sample   . . # # # # # . # . . . . . . .        # wrong
fault    - - - - * * * * * * * * - - - -        on after 2 samples, off after 5
"""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from gateway.events import Fault, Restore


class Patience(NamedTuple):
    """For how many seconds something must be wrong to be told, and right to be restored."""

    on_s: float
    off_s: float


class Wrong(NamedTuple):
    """What is looked at, and whether it is wrong now; `why` is told with the fault."""

    wrong: bool
    why: str = ""


class Steady:
    """One thing. It begins undecided: a fault may stand from before the start."""

    def __init__(self, patience: Patience) -> None:
        """Take how long to wait."""
        self._patience = patience
        self._since: float | None = None
        self._last: bool | None = None
        self.state: bool | None = None

    def update(self, now: float, *, wrong: bool) -> bool:
        """Take a sample at `now`, seconds; say whether the decision has changed."""
        if wrong != self._last or self._since is None:
            self._last, self._since = wrong, now
        needed = self._patience.on_s if wrong else self._patience.off_s
        if self.state == wrong or now - self._since < needed:
            return False
        self.state = wrong
        return True


class Steadiness:
    """All things that are looked at, by source and code."""

    def __init__(self, patience: Mapping[str, Patience]) -> None:
        """Take the patience of each code."""
        self._patience = patience
        self._known: dict[tuple[str, str], Steady] = {}

    def judge(
        self, found: Mapping[tuple[str, str], Wrong], now: float, at: float
    ) -> list[Fault | Restore]:
        """Take what was found at `now`; return what is to be told with the date `at`, Unix seconds."""
        told: list[Fault | Restore] = []
        for (source, code), one in found.items():
            steady = self._known.setdefault((source, code), Steady(self._patience[code]))
            if steady.update(now, wrong=one.wrong):
                event = Fault(source, code, at, one.why) if one.wrong else Restore(source, code, at)
                told.append(event)
        return told


class LinkFaults:
    """Links that come and go: what is down is told at once, what is up once it has stayed so.

    link     up . down up down up . . . . . . . . .
    fault    - - ****************************** - -
    """

    def __init__(self, stays_s: float) -> None:
        """Take for how long a link has to stay up."""
        self._stays_s = stays_s
        self._up: dict[tuple[str, str], tuple[float, Restore]] = {}

    def take(self, event: Fault | Restore, now: float) -> Fault | None:
        """Take what a link says at `now`, seconds; return what is to be told of it at once."""
        link = event.source, event.code
        if isinstance(event, Restore):
            self._up[link] = now, event
            return None
        self._up.pop(link, None)
        return event

    def due(self, now: float) -> list[Restore]:
        """Return, once, the ends of the faults of those that have stayed up."""
        stayed = [link for link, (since, _) in self._up.items() if now - since >= self._stays_s]
        return [self._up.pop(link)[1] for link in stayed]


class Window:
    """How many of the last seconds were bad: the decision that short pauses do not undo."""

    def __init__(self, seconds: float) -> None:
        """Look back so far."""
        self._seconds = seconds
        self._bad: deque[tuple[float, float]] = deque()

    def add(self, begin: float, end: float) -> None:
        """Note a bad stretch."""
        self._bad.append((begin, end))

    def bad_s(self, now: float) -> float:
        """Return the bad seconds of the window that ends at `now`."""
        since = now - self._seconds
        while self._bad and self._bad[0][1] <= since:
            self._bad.popleft()
        return sum(end - max(begin, since) for begin, end in self._bad)
