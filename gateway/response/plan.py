"""The plan of a site: who is told, after how long, of what, and when. Pure.

```
raised         after_s      after_s             + repeat_s
  | step 1        | step 2      | step 3 (night)      | a new round: all of them at once
  |---- nobody_told_s ----| no confirmation: the next step at once, and the local means
```
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gateway.cases.incident import VISIT
from gateway.response.schedule import Schedule
from protocol.kinds import ALERT_KINDS, CANCEL, TEST
from protocol.names import KIND_NAMES

ANNUNCIATOR = "annunciator"
EVERY = "*"  # every upstream, whatever their names
NOBODY_TOLD_S = 30.0
# What an incident may be; `cancel`: of something that was never heard.
PLANNED_KINDS = (
    *(KIND_NAMES[kind] for kind in ALERT_KINDS if kind != TEST),
    VISIT,
    KIND_NAMES[CANCEL],
)
_DAY_S = 86_400
_LOOK_S = 900


@dataclass(frozen=True, slots=True)
class Step:
    """`targets` are told `after_s` seconds after the alert, of `kinds` (None: all), while `when` stands."""

    after_s: float = 0.0
    targets: tuple[str, ...] = (EVERY, ANNUNCIATOR)
    kinds: frozenset[str] | None = None
    when: tuple[Schedule, ...] = ()

    def applies(self, kind: str, at: float) -> bool:
        """Say whether this step tells of a `kind` that began `at`, Unix seconds."""
        return self.tells_of(kind) and self.stands(at)

    def tells_of(self, kind: str) -> bool:
        """Say whether this step is for a `kind`."""
        return self.kinds is None or kind in self.kinds

    def stands(self, at: float) -> bool:
        """Say whether this step is in force when it is due, for an alert raised `at`."""
        return not self.when or any(one.stands(at + self.after_s) for one in self.when)


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, earliest first. `access` is the site's sheet, which every alert carries.

    `repeat_s` after the last step a new round begins, until a person acknowledges; 0: never.
    `everyone` is told at once where no step applies: a hole in the plan costs no time.
    """

    steps: tuple[Step, ...] = (Step(),)
    repeat_s: float = 0.0
    nobody_told_s: float = NOBODY_TOLD_S
    everyone: tuple[str, ...] = (EVERY, ANNUNCIATOR)
    access: Mapping[str, str] = field(default_factory=dict)

    def round(self, kind: str, begun_at: float, number: int) -> tuple[Step, ...]:
        """Return what round `number`, begun at `begun_at` (Unix seconds), does about `kind`.

        From the second on everybody on duty then is told at once: all have waited long enough.
        """
        steps = self.steps if number == 1 else [replace(step, after_s=0.0) for step in self.steps]
        found = tuple(step for step in steps if step.applies(kind, begun_at))
        return found or (Step(targets=self.everyone),)

    def left_out(self, at: float) -> tuple[str, ...]:
        """Return the kinds of which no step tells anybody, where they are raised `at`, Unix seconds."""
        standing = [step for step in self.steps if step.stands(at)]
        return tuple(
            kind for kind in PLANNED_KINDS if not any(step.tells_of(kind) for step in standing)
        )


class Hole(NamedTuple):
    """From when to when (Unix seconds) the steps tell nobody of `kinds`: everybody is told at once."""

    begin: float
    end: float
    kinds: tuple[str, ...]


def holes(plan: Plan, since: float, days: int = 366) -> Iterator[Hole]:
    """Yield where the steps leave somebody out, looking every quarter of an hour from `since` on.

    A year has every holiday.
    """
    begin = since - since % _LOOK_S
    end = begin + days * _DAY_S
    kinds = plan.left_out(begin)
    if not any(step.when for step in plan.steps):  # whatever it is, it is so always
        if kinds:
            yield Hole(begin, end, kinds)
        return
    for number in range(days * _DAY_S // _LOOK_S + 1):
        at = since - since % _LOOK_S + number * _LOOK_S
        left_out = plan.left_out(at) if at < end else ()
        if left_out != kinds:
            if kinds:
                yield Hole(begin, at, kinds)
            begin, kinds = at, left_out
