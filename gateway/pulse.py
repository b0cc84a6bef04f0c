"""Which tasks of the service still go on. Each beats at every turn of its loop; who falls silent hangs.

| task | its longest turn | judged to hang after |
|---|---|---|
| `path` | 30 s, and a transaction | 75 s |
| `search` | 60 s | 120 s |
| `radio` | 12 s until a head is silent; 31 s for a look at BlueZ | 60 s |
| `annunciator` | 60 s | 150 s |
| `watch`, `status` | 10 s, and what the database takes | 90 s |
| `upstream` | a letter to many, a minute for apprise to start | 600 s |
| `upkeep` | 10 min, and the daily look at the whole database | 3600 s |

Those that only wait for somebody to connect (`control`, `metrics`, `acknowledge`) have no turns: where the
loop goes on, so do they.
"""

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar

_LIMITS_S = {
    "path": 75.0,
    "search": 120.0,
    "radio": 60.0,
    "annunciator": 150.0,
    "watch": 90.0,
    "status": 90.0,
    "upstream": 600.0,
    "upkeep": 3600.0,
}
# Of the task that runs: those it starts beat for it, because they inherit it.
_beat: ContextVar[Callable[[], None] | None] = ContextVar("beat", default=None)


def beat() -> None:
    """Say that this task goes on; outside the service that is nobody's business."""
    note = _beat.get()
    if note is not None:
        note()


def hanging(beats: Mapping[str, float], now_s: float) -> list[str]:
    """Return who has not gone on for too long; `beats`: when each did last, of the same clock."""
    return sorted(name for name, at_s in beats.items() if now_s - at_s > limit_s(name))


def limit_s(name: str) -> float:
    """Return after how many seconds the task `name` hangs; `upstream.broker` is an `upstream`."""
    return _LIMITS_S.get(name.partition(".")[0], float("inf"))


class Pulse:
    """When each task went on last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Know nobody; `clock` returns seconds."""
        self._clock = clock
        self._beats: dict[str, float] = {}

    def begin(self, name: str) -> None:
        """Let the task that runs now, and those it starts, beat as `name`."""

        def note() -> None:
            self._beats[name] = self._clock()

        _beat.set(note)
        note()

    def hanging(self) -> list[str]:
        """Return who has not gone on for too long."""
        return hanging(self._beats, self._clock())
