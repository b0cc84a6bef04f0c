"""How far the plan has gone for one incident, and what is due next. Pure: time is an argument.

| while the incident is | the plan |
|---|---|
| open | goes on, step by step, round by round |
| acknowledged | rests; an alert raised anew begins it anew |
| closed | is over |

A step is taken when each of its targets was told in this round, so a plan that was changed meanwhile
leaves nobody out. An alert told again while the plan goes on never puts off what was due.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from gateway.response.plan import ANNUNCIATOR, EVERY, Plan, Step


class Escalation(NamedTuple):
    """`begun_s` and all that ends in `_s` are gateway time; `begun_at`, Unix seconds, is for schedules.

    `told` were told in any round, `told_now` in this one. `nobody_due_s`: when somebody must have been
    told at the latest, inf where that is settled; `nobody_told`: nobody was. `local_s`: when the local
    means came on. `counter` is that of the press that told people last. `standby_s`: how much later than
    the gateway of the site that goes first this one acts. `next_s`: when `advance` has something to do,
    at the earliest; every change puts it to -inf, which is at once.
    """

    incident: str
    begun_at: float
    begun_s: float
    round: int = 1
    active: bool = True
    told: tuple[str, ...] = ()
    told_now: tuple[str, ...] = ()
    nobody_due_s: float = math.inf
    nobody_told: bool = False
    local_s: float | None = None
    counter: int = 0
    standby_s: float = 0.0
    next_s: float = -math.inf


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom to tell now, and why: `escalated`, `repeated`, or `nobody_told` so far."""

    name: str
    round: int
    targets: tuple[str, ...]


def begin(
    incident: str, before: Escalation | None, plan: Plan, now_s: float, at: float
) -> Escalation:
    """Return the escalation of an alert raised, or raised anew: whoever was told before is told again.

    One that goes on keeps its dates, so that pressing again and again puts off no step.
    """
    told_by_s = now_s + plan.nobody_told_s
    if before is None:
        return Escalation(incident, at, now_s, nobody_due_s=told_by_s)
    local_s = now_s if ANNUNCIATOR in before.told else before.local_s
    if before.active:
        told_by_s = min(before.nobody_due_s, told_by_s)
        return _changed(before, nobody_due_s=told_by_s, local_s=local_s)
    return _changed(
        before,
        begun_at=at,
        begun_s=now_s,
        round=1,
        active=True,
        told_now=before.told,
        nobody_due_s=told_by_s,
        local_s=local_s,
    )


def take_due(
    escalation: Escalation, kind: str, plan: Plan, now_s: float, counter: int = 0
) -> Escalation:
    """Return it with the steps taken that are due: what is told at once is told by the alert itself.

    `counter` is that of the alert.
    """
    left = _left(escalation, kind, plan)
    fresh = _fresh(escalation, [step for step in left if now_s >= _step_due_s(escalation, step)])
    later = _but(left, (*escalation.told_now, *fresh))
    next_s = min(
        escalation.nobody_due_s,
        _repeat_due_s(escalation, kind, plan),
        *(_step_due_s(escalation, step) for step in later),
    )
    return _told(escalation, fresh, now_s, next_s=next_s, counter=counter)


def rest(escalation: Escalation) -> Escalation:
    """Return it as it is once a person has taken or ended the incident."""
    return _changed(escalation, active=False, nobody_due_s=math.inf, nobody_told=False)


def somebody_told(escalation: Escalation) -> Escalation:
    """Return it as it is once an upstream has confirmed the alert."""
    return _changed(escalation, nobody_due_s=math.inf, nobody_told=False)


def told_elsewhere(
    escalation: Escalation, number: int, targets: tuple[str, ...], now_s: float, at: float
) -> Escalation:
    """Return it as it is once another gateway has told `targets` in its round `number`.

    The local means are those of this gateway: nobody else can have told them.
    """
    targets = tuple(target for target in targets if target != ANNUNCIATOR)
    if number < escalation.round:
        return escalation
    if number > escalation.round:
        return _changed(escalation, round=number, begun_s=now_s, begun_at=at, told_now=targets)
    told_now = tuple(dict.fromkeys((*escalation.told_now, *targets)))
    return _changed(escalation, told_now=told_now)


def stand_by(escalation: Escalation, standby_s: float) -> Escalation:
    """Return it as one that acts `standby_s` later than the gateway that goes first."""
    return _changed(escalation, standby_s=standby_s)


def advance(
    escalation: Escalation, kind: str, plan: Plan, now_s: float, at: float
) -> tuple[Escalation, list[Telling]]:
    """Return it as it is at `now_s`, Unix seconds `at`, and who is to be told now."""
    tellings: list[Telling] = []
    if not escalation.active or now_s < escalation.next_s:
        return escalation, tellings
    escalation = _take(escalation, _due(escalation, kind, plan, now_s), now_s, tellings)
    if now_s >= escalation.nobody_due_s:
        escalation = _hurry(escalation, kind, plan, now_s, tellings)
    if now_s >= _repeat_due_s(escalation, kind, plan):
        escalation = escalation._replace(
            begun_at=at, begun_s=now_s, round=escalation.round + 1, told_now=()
        )
        escalation = _take(escalation, _due(escalation, kind, plan, now_s), now_s, tellings)
    return escalation._replace(next_s=due_s(escalation, kind, plan)), tellings


def due_s(escalation: Escalation, kind: str, plan: Plan) -> float:
    """Return when `advance` has something to do, gateway time; inf where never."""
    if not escalation.active:
        return math.inf
    steps = [_step_due_s(escalation, step) for step in _left(escalation, kind, plan)]
    repeat_s = _repeat_due_s(escalation, kind, plan)
    return min(escalation.nobody_due_s, repeat_s, *steps)


def after_restart(escalation: Escalation, plan: Plan, now_s: float) -> Escalation:
    """Return it with no date put off by a clock that was set while the gateway was down."""
    told_by_s = escalation.nobody_due_s
    return _changed(
        escalation,
        begun_s=min(escalation.begun_s, now_s),
        nobody_due_s=min(told_by_s, now_s + plan.nobody_told_s)
        if told_by_s < math.inf
        else told_by_s,
        local_s=None if escalation.local_s is None else min(escalation.local_s, now_s),
    )


def upstreams(told: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the upstreams of `told`; None stands for every one."""
    if EVERY in told:
        return None
    return tuple(target for target in told if target != ANNUNCIATOR)


def _left(escalation: Escalation, kind: str, plan: Plan) -> list[Step]:
    """Return the steps of this round that were not taken."""
    steps = plan.round(kind, escalation.begun_at, escalation.round)
    if escalation.standby_s:
        steps = tuple(part for step in steps for part in _parts(step))
    return _but(steps, escalation.told_now)


def _but(steps: Iterable[Step], told: tuple[str, ...]) -> list[Step]:
    """Return the steps that tell others than `told`."""
    return [step for step in steps if not all(one in told for one in step.targets)]


def _parts(step: Step) -> list[Step]:
    """Return what another gateway may do in the place of this one, and what it cannot."""
    away = tuple(target for target in step.targets if target != ANNUNCIATOR)
    local = tuple(target for target in step.targets if target == ANNUNCIATOR)
    return [replace(step, targets=targets) for targets in (local, away) if targets]


def _due(escalation: Escalation, kind: str, plan: Plan, now_s: float) -> list[Step]:
    left = _left(escalation, kind, plan)
    return [step for step in left if now_s >= _step_due_s(escalation, step)]


def _step_due_s(escalation: Escalation, step: Step) -> float:
    """Return when a step is due: what is due at once, or here, waits for no other gateway."""
    waits = step.after_s > 0 and step.targets != (ANNUNCIATOR,)
    return escalation.begun_s + step.after_s + escalation.standby_s * waits


def _repeat_due_s(escalation: Escalation, kind: str, plan: Plan) -> float:
    if not plan.repeat_s:
        return math.inf
    last = max(step.after_s for step in plan.round(kind, escalation.begun_at, escalation.round))
    return escalation.begun_s + last + plan.repeat_s + escalation.standby_s


def _take(
    escalation: Escalation, steps: list[Step], now_s: float, tellings: list[Telling]
) -> Escalation:
    """Tell those of `steps` whom this round has not told yet."""
    fresh = _fresh(escalation, steps)
    if not fresh:
        return escalation
    name = "escalated" if escalation.round == 1 else "repeated"
    tellings.append(Telling(name, escalation.round, tuple(fresh)))
    return _told(escalation, fresh, now_s)


def _fresh(escalation: Escalation, steps: list[Step]) -> list[str]:
    """Return those of `steps` whom this round has not told yet."""
    told = escalation.told_now
    return list(dict.fromkeys(one for step in steps for one in step.targets if one not in told))


def _hurry(
    escalation: Escalation, kind: str, plan: Plan, now_s: float, tellings: list[Telling]
) -> Escalation:
    """Nobody has confirmed: take the next step now, and the local means with it; look again later."""
    if not escalation.nobody_told:
        tellings.append(Telling("nobody_told", escalation.round, escalation.told_now))
    local = Step(targets=tuple(one for one in plan.everyone if one == ANNUNCIATOR))
    nearest = _left(escalation, kind, plan)[:1]  # the earliest: they are in their order
    escalation = _take(escalation, [*nearest, local], now_s, tellings)
    more = bool(_left(escalation, kind, plan))
    again_s = now_s + plan.nobody_told_s if more else math.inf
    return escalation._replace(nobody_told=True, nobody_due_s=again_s)


def _changed(escalation: Escalation, **fields: Any) -> Escalation:  # noqa: ANN401 - those of it
    return escalation._replace(next_s=-math.inf, **fields)


def _told(escalation: Escalation, fresh: list[str], now_s: float, **fields: Any) -> Escalation:  # noqa: ANN401 - those of it
    return escalation._replace(
        **{"next_s": -math.inf, **fields},
        told=tuple(dict.fromkeys((*escalation.told, *fresh))),
        told_now=(*escalation.told_now, *fresh),
        local_s=now_s if ANNUNCIATOR in fresh else escalation.local_s,
    )
