"""[plan] and [[schedule]] of gateway.toml: who is told, and when."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.fields import Fields
from gateway.response.plan import ANNUNCIATOR, PLANNED_KINDS, Plan, Step
from gateway.response.schedule import DAY_MINUTES, DAY_NAMES, EVERY_DAY, HOLIDAYS, Schedule
from gateway.words import say

_DAY_S = 86_400
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_ALWAYS, _ALL = "always", "all"


def read_plan(
    root: Fields,
    upstreams: Sequence[str],
    schedules: Mapping[str, Schedule],
    access: Mapping[str, str],
    *,
    local: bool,
) -> Plan:
    """Return the plan; `local`: there is an annunciator. Without [plan] all are told at once, once."""
    everyone = (*upstreams, ANNUNCIATOR) if local else tuple(upstreams)
    planned = root.has("plan")
    fields = root.table("plan")
    steps = [_step(step, everyone, schedules) for step in fields.tables("step")]
    plan = Plan(
        steps=tuple(sorted(steps, key=lambda step: step.after_s)) or (Step(targets=everyone),),
        repeat_s=fields.number("repeat_s", 0, _DAY_S, 300 if planned else 0),
        nobody_told_s=fields.number("nobody_told_s", 5, 600, 30),
        everyone=everyone,
        access=access,
    )
    if 0 < plan.repeat_s < 30:
        fields.problem("repeat_s", say("repeat_too_often"))
    fields.finish()
    return plan


def _step(fields: Fields, everyone: tuple[str, ...], schedules: Mapping[str, Schedule]) -> Step:
    when = fields.some("when", (_ALWAYS, *schedules)) or (_ALWAYS,)
    kinds = fields.some("kinds", (_ALL, *PLANNED_KINDS)) or (_ALL,)
    step = Step(
        after_s=fields.number("after_s", 0, _DAY_S, 0),
        targets=fields.some("targets", everyone) or everyone,
        kinds=None if _ALL in kinds else frozenset(kinds),
        when=() if _ALWAYS in when else tuple(schedules[one] for one in when if one in schedules),
    )
    fields.finish()
    return step


def read_schedules(root: Fields) -> dict[str, Schedule]:
    """Return every [[schedule]] by its name."""
    found: dict[str, Schedule] = {}
    for fields in root.tables("schedule"):
        name = fields.name("name", "night")
        if name in (*found, _ALWAYS):
            fields.problem("name", say("taken_name", name=name))
        begin, end = _hours(fields)
        found[name] = Schedule(
            name=name,
            days=_days(fields),
            begin=begin,
            end=end,
            zone=_zone(fields),
            dates=frozenset(_dates(fields)),
            france=fields.flag("france", default=False),
        )
        fields.finish()
    return found


def _hours(fields: Fields) -> tuple[int, int]:
    """Return begin and end in minutes after midnight; the end of a day is 24:00."""
    match = _HOURS.fullmatch(fields.text("hours", "19:00-08:00", "00:00-24:00"))
    if match is None:
        fields.bad_form("hours", "form.hours", "19:00-08:00")
        return 0, DAY_MINUTES
    hour, minute, end_hour, end_minute = map(int, match.groups())
    begin, end = hour * 60 + minute, end_hour * 60 + end_minute
    if begin >= DAY_MINUTES or end > DAY_MINUTES or begin == end:
        fields.bad_form("hours", "form.hours", "19:00-08:00")
    return begin, end


def _days(fields: Fields) -> frozenset[int]:
    """Return the days of "mon-fri,holidays"; absent: every one."""
    text = fields.optional("days", "mon-fri")
    if text is None:
        return EVERY_DAY
    days: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        known = DAY_NAMES[:HOLIDAYS] if last else DAY_NAMES
        if first not in known or (last or first) not in known:
            fields.bad_form("days", "form.days", "mon-fri,holidays")
            return EVERY_DAY
        begin, end = DAY_NAMES.index(first), DAY_NAMES.index(last or first)
        week = range(begin, end + 1) if begin <= end else (*range(begin, 7), *range(end + 1))
        days |= set(week)
    return frozenset(days)


def _zone(fields: Fields) -> tzinfo:
    name = fields.text("zone", "Europe/Paris", "Europe/Paris")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fields.bad_form("zone", "form.zone", "Europe/Paris")
        return UTC


def _dates(fields: Fields) -> list[date]:
    try:
        return [date.fromisoformat(text) for text in fields.texts("holidays", "2027-12-24") or ()]
    except ValueError:
        fields.bad_form("holidays", "form.date", "2027-12-24")
        return []
