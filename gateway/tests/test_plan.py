"""Which steps apply, what stands in for a hole, and where a plan has holes."""

from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.response.plan import EVERY, PLANNED_KINDS, Plan, Step, holes
from gateway.response.schedule import Schedule

PARIS = ZoneInfo("Europe/Paris")
DAY = Schedule("day", begin=8 * 60, end=19 * 60, zone=PARIS)
NIGHT = Schedule("night", begin=19 * 60, end=8 * 60, zone=PARIS)
NOON = datetime(2026, 11, 20, 12, tzinfo=PARIS).timestamp()


def test_a_step_is_judged_by_the_hour_in_which_it_is_due() -> None:
    step = Step(600, ("night-duty",), when=(NIGHT,))
    nearly_seven = NOON + 7 * 3600 - 300
    assert not step.applies("panic", NOON)
    assert step.applies("panic", nearly_seven)


def test_from_the_second_round_on_all_on_duty_are_told_at_once() -> None:
    plan = Plan((Step(0, ("desk",)), Step(300, ("guard",)), Step(600, ("chief",), when=(NIGHT,))))
    assert [step.after_s for step in plan.round("panic", NOON, 1)] == [0, 300]
    assert [step.after_s for step in plan.round("panic", NOON, 2)] == [0, 0]


def test_where_no_step_applies_everyone_is_told_at_once() -> None:
    plan = Plan((Step(300, ("guard",), when=(NIGHT,)),), everyone=("guard", "desk"))
    (step,) = plan.round("panic", NOON, 1)
    assert (step.after_s, step.targets) == (0, ("guard", "desk"))


def test_holes_are_found_with_their_hours_and_kinds() -> None:
    plan = Plan((Step(0, ("desk",), when=(DAY,)), Step(0, ("guard",), frozenset({"panic"}))))
    found = list(holes(plan, NOON, days=2))
    hours = [
        datetime.fromtimestamp(at, PARIS).strftime("%d %H:%M")
        for hole in found
        for at in (hole.begin, hole.end)
    ]
    assert hours == ["20 19:00", "21 08:00", "21 19:00", "22 08:00"]
    assert set(found[0].kinds) == set(PLANNED_KINDS) - {"panic"}


def test_a_plan_without_a_hole_has_none_and_one_that_is_all_hole_has_one() -> None:
    assert list(holes(Plan(), NOON, days=30)) == []
    empty = Plan((Step(0, (EVERY,), frozenset()),))
    (hole,) = holes(empty, NOON, days=3)
    assert hole.end - hole.begin == 3 * 86_400
