"""An adapter that does not hear: what to do about it, the mildest first. Pure: time is an argument.

trouble                       scan anew   power cycle   bluetoothd   reset of the adapter
no_bluez                                                2 s
no_adapter                                              15 s         30 s
no_events                                 0 s           30 s         6 s
hung, and whatever else                   6 s           16 s         36 s
nothing heard, lively air     10 s        25 s          40 s         60 s
nothing heard, other air      every 10 s

So many seconds after the trouble began; each once, and once more after a pause that grows. Against
rfkill, a missing permission or a missing D-Bus nothing here helps: a person must. An air is lively
where 20 adverts a minute were heard, five minutes in a row: it is not silent by chance. Minutes of
silence are not learnt. Where every step was in vain the air is taken for empty, and learnt anew;
`watching.ears` still tells.
"""

from collections import deque
from collections.abc import Mapping
from enum import Enum

_LIVELY_A_MINUTE = 20
_LIVELY_MINUTES = 5
_PAUSE_FIRST_S = 10.0
_PAUSE_MAX_S = 600.0


class Step(Enum):
    """What to do now. The last two need rights that the gateway has not: it asks for them."""

    NOTHING = "nothing"
    SCAN = "scan_restarts"
    POWER = "power_cycles"
    DAEMON = "daemon_restarts_asked"
    RESET = "resets_asked"


Ladder = Mapping[Step, float]

_OTHERWISE: Ladder = {Step.POWER: 6.0, Step.DAEMON: 16.0, Step.RESET: 36.0}
_IN_VAIN: Ladder = {}
_LADDERS: Mapping[str, Ladder] = {
    "no_bluez": {Step.DAEMON: 2.0},
    "no_adapter": {Step.DAEMON: 15.0, Step.RESET: 30.0},
    # A controller that answers nothing cannot be switched off either, where it scans.
    "no_events": {Step.POWER: 0.0, Step.RESET: 6.0, Step.DAEMON: 30.0},
    "rfkill": _IN_VAIN,
    "no_permission": _IN_VAIN,
    "no_dbus": _IN_VAIN,
}
_SILENT: Ladder = {Step.SCAN: 10.0, Step.POWER: 25.0, Step.DAEMON: 40.0, Step.RESET: 60.0}
_QUIET: Ladder = {Step.SCAN: 10.0}


class Recovery:
    """One adapter. Times are seconds of a clock that is never set."""

    def __init__(self, now: float) -> None:
        """Begin at `now` with an adapter that has heard nothing yet."""
        self._air = _Air(now)
        self._trouble = False
        self._begin(now)

    def poll(self, trouble: str, heard: int, now: float) -> Step:
        """Return what to do. `trouble`: why it cannot hear, "" where it could; `heard` counts adverts."""
        was_trouble, self._trouble = self._trouble, bool(trouble)
        news = self._air.take(heard, now)
        if self._trouble != was_trouble or (news and not trouble):
            self._begin(now)
        if trouble:
            return self._climb(_LADDERS.get(trouble, _OTHERWISE), now)
        step = self._climb(_SILENT if self._air.lively else _QUIET, now)
        if step is Step.RESET:
            self._air.forget()
        return step

    def _begin(self, now: float) -> None:
        self._since = now
        self._done: set[Step] = set()
        self._pause_s = _PAUSE_FIRST_S

    def _climb(self, ladder: Ladder, now: float) -> Step:
        if ladder and ladder.keys() <= self._done:
            self._rest(ladder, now)
        for step, after_s in ladder.items():
            if step not in self._done and now - self._since >= after_s:
                self._done.add(step)
                return step
        return Step.NOTHING

    def _rest(self, ladder: Ladder, now: float) -> None:
        """Begin with the mildest again after a pause."""
        self._done.clear()
        self._since = now
        if ladder is not _QUIET:  # a scan begun anew costs nothing
            self._since += self._pause_s
            self._pause_s = min(2 * self._pause_s, _PAUSE_MAX_S)


class _Air:
    """How lively the air is, by the minutes in which something was heard."""

    def __init__(self, now: float) -> None:
        self._heard = 0
        self._before = 0
        self._minute_ends = now + 60.0
        self._minutes: deque[int] = deque(maxlen=_LIVELY_MINUTES)

    def take(self, heard: int, now: float) -> bool:
        """Take the count of adverts; say whether there are new ones."""
        news, self._heard = heard != self._heard, heard
        if now >= self._minute_ends:
            if heard != self._before:
                self._minutes.append(heard - self._before)
            self._before, self._minute_ends = heard, now + 60.0
        return news

    @property
    def lively(self) -> bool:
        full = len(self._minutes) == _LIVELY_MINUTES
        return full and min(self._minutes) >= _LIVELY_A_MINUTE

    def forget(self) -> None:
        self._minutes.clear()
