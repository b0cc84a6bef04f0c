"""What is remembered of the timed visit of a device (SPEC 7.4). Pure."""

import math
from dataclasses import dataclass, replace

from protocol.constants import COUNTER_BLOCK
from protocol.kinds import BLOCK_MAX

# A visit_end can name no more than so many starts before it.
NAMEABLE = BLOCK_MAX + 1
_REACH = NAMEABLE * COUNTER_BLOCK


@dataclass(frozen=True, slots=True)
class Visit:
    """The last visit of `device`. Its starts are counters, oldest first.

    `starts` were applied: any of them names this visit. `others` were heard, and are of no visit, or
    of one before. `minutes`, `started_at` (Unix seconds) and `due_s` (gateway time) are of the last
    start. `end_shown`: a visit_end that did not apply was told to people.
    """

    device: str
    starts: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    minutes: int = 0
    started_at: float = 0.0
    due_s: float = math.inf
    ended_at: float | None = None
    overdue: bool = False
    end_shown: bool = False

    @property
    def runs(self) -> bool:
        """Say whether its end is awaited."""
        return bool(self.starts) and self.ended_at is None and not self.overdue

    def not_postponed(self, now: float) -> "Visit":
        """Return it as it may be believed at `now`, gateway time: a clock was wrong, but not for longer."""
        return replace(self, due_s=min(self.due_s, now + 60.0 * self.minutes))


def nameable(starts: tuple[int, ...], counter: int) -> tuple[int, ...]:
    """Return those of `starts` that a visit_end with `counter` or later may still name."""
    return tuple(start for start in starts if start > counter - _REACH)[-NAMEABLE:]
