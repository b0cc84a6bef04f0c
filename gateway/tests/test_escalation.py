"""The plan step by step with time as an argument; and by properties, whatever happens in whatever order."""

import math

from hypothesis import given
from hypothesis import strategies as st

from gateway.response import escalation
from gateway.response.escalation import Escalation, Telling, after_restart, begin, take_due
from gateway.response.plan import ANNUNCIATOR, EVERY, Plan, Step

AT = 1_800_000_000.0
PLAN = Plan(
    (
        Step(0, ("desk",)),
        Step(60, ("guard", ANNUNCIATOR)),
        Step(120, ("desk", "chief"), frozenset({"panic"})),
    ),
    repeat_s=300,
    nobody_told_s=30,
    everyone=("desk", "guard", "chief", ANNUNCIATOR),
)


def begun(plan: Plan = PLAN, now_s: float = 0.0) -> Escalation:
    return take_due(begin("i", None, plan, now_s, AT), "panic", plan, now_s)


def advance(
    known: Escalation, now_s: float, plan: Plan = PLAN, kind: str = "panic"
) -> tuple[Escalation, list[Telling]]:
    return escalation.advance(known, kind, plan, now_s, AT + now_s)


def test_each_step_in_its_time_and_nobody_twice_in_a_round() -> None:
    known = escalation.somebody_told(begun())
    assert known.told == ("desk",)
    assert escalation.due_s(known, "panic", PLAN) == 60
    known, tellings = advance(known, 59.9)
    assert tellings == []
    known, tellings = advance(known, 60)
    assert tellings == [Telling("escalated", 1, ("guard", ANNUNCIATOR))]
    assert known.local_s == 60
    known, tellings = advance(known, 121)
    assert tellings == [Telling("escalated", 1, ("chief",))]
    assert escalation.due_s(known, "panic", PLAN) == 420


def test_a_new_round_tells_all_at_once_until_a_person_acknowledges() -> None:
    known = escalation.somebody_told(begun())
    known, _ = advance(known, 130)
    for number, now_s in ((2, 420), (3, 720)):
        known, tellings = advance(known, now_s)
        targets = ("desk", "guard", ANNUNCIATOR, "chief")
        assert tellings == [Telling("repeated", number, targets)]
        assert known.local_s == now_s
    rested = escalation.rest(known)
    assert escalation.due_s(rested, "panic", PLAN) == math.inf
    assert advance(rested, 1e9) == (rested, [])


def test_while_nobody_confirms_the_next_step_comes_at_once_with_the_local_means() -> None:
    plan = Plan(
        (Step(0, ("desk",)), Step(600, ("guard",)), Step(900, ("chief",))),
        everyone=("desk", ANNUNCIATOR),
    )
    known, tellings = advance(begun(plan), 30, plan)
    assert tellings == [
        Telling("nobody_told", 1, ("desk",)),
        Telling("escalated", 1, ("guard", ANNUNCIATOR)),
    ]
    assert known.nobody_told
    known, tellings = advance(known, 60, plan)
    assert tellings == [Telling("escalated", 1, ("chief",))]
    assert advance(known, 1e6, plan)[1] == []
    assert not escalation.somebody_told(known).nobody_told


def test_where_there_are_no_local_means_none_are_claimed() -> None:
    plan = Plan((Step(0, ("desk",)),), everyone=("desk",))
    known, tellings = advance(begun(plan), 31, plan)
    assert tellings == [Telling("nobody_told", 1, ("desk",))]
    assert known.local_s is None


def test_a_plan_that_begins_late_does_not_wait_longer_than_nobody_may_be_untold() -> None:
    plan = Plan((Step(300, ("guard",)),), everyone=("guard",))
    known = begun(plan)
    assert known.told == ()
    assert escalation.due_s(known, "panic", plan) == 30
    _, tellings = advance(known, 30, plan)
    assert tellings[-1] == Telling("escalated", 1, ("guard",))


def test_pressed_again_while_the_plan_goes_on_puts_off_nothing() -> None:
    known = escalation.somebody_told(begun())
    for now_s in range(10, 60, 10):
        known = take_due(begin("i", known, PLAN, now_s, AT), "panic", PLAN, now_s)
        assert escalation.due_s(known, "panic", PLAN) <= 60
    assert known.nobody_due_s == 40  # the first press after somebody was told


def test_pressed_again_after_a_person_took_it_begins_anew_with_all_told_before() -> None:
    known, _ = advance(escalation.somebody_told(begun()), 61)
    known = escalation.rest(known)
    known = take_due(begin("i", known, PLAN, 1_000, AT), "panic", PLAN, 1_000)
    assert set(known.told_now) == {"desk", "guard", ANNUNCIATOR}
    assert known.local_s == 1_000
    known, tellings = advance(escalation.somebody_told(known), 1_060)
    assert tellings == []  # told with the alert itself
    assert escalation.due_s(known, "panic", PLAN) == 1_120


def test_another_kind_takes_the_steps_that_were_not_for_the_first() -> None:
    known, tellings = advance(escalation.somebody_told(begun()), 500 - 140, kind="medical")
    assert [telling.targets for telling in tellings] == [
        ("guard", ANNUNCIATOR),
        ("desk", "guard", ANNUNCIATOR),
    ]
    known = take_due(begin("i", known, PLAN, 361, AT), "panic", PLAN, 361)
    assert "chief" in known.told


def test_a_plan_that_was_changed_meanwhile_leaves_nobody_out() -> None:
    known, _ = advance(escalation.somebody_told(begun()), 200)
    plan = Plan((Step(0, ("desk",)), Step(60, ("new",))), everyone=("desk", "new"))
    known = after_restart(known, plan, 201)  # the file is read at the start
    assert advance(known, 201, plan)[1] == [Telling("escalated", 1, ("new",))]


def test_every_upstream_is_every_one() -> None:
    assert escalation.upstreams((EVERY, ANNUNCIATOR)) is None
    assert escalation.upstreams(("desk", ANNUNCIATOR)) == ("desk",)
    assert escalation.upstreams((ANNUNCIATOR,)) == ()


def test_a_clock_set_back_while_the_gateway_was_down_puts_off_nothing() -> None:
    known = after_restart(begun(now_s=5_000.0), PLAN, 1_000.0)
    assert (known.begun_s, known.nobody_due_s) == (1_000, 1_030)
    assert escalation.due_s(known, "panic", PLAN) == 1_030


STEPS = st.lists(
    st.builds(
        Step,
        after_s=st.sampled_from([0.0, 5.0, 30.0, 60.0, 300.0]),
        targets=st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True).map(tuple),
        kinds=st.sampled_from([None, frozenset({"panic"}), frozenset({"medical"})]),
    ),
    min_size=1,
    max_size=4,
).map(lambda steps: tuple(sorted(steps, key=lambda step: step.after_s)))
PLANS = st.builds(
    Plan,
    steps=STEPS,
    repeat_s=st.sampled_from([0.0, 30.0, 300.0]),
    nobody_told_s=st.sampled_from([5.0, 30.0]),
    everyone=st.just(("a", "b", "c", "d", ANNUNCIATOR)),
)
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["again", "told", "taken", "restart", "panic", "medical", "look"]),
        st.floats(0, 200),
    ),
    max_size=25,
)


@given(PLANS, HAPPENINGS, st.sampled_from(["panic", "medical"]))
def test_whatever_happens_all_whom_the_plan_names_are_told_in_time(
    plan: Plan, happenings: list[tuple[str, float]], kind: str
) -> None:
    now_s = 1_000.0
    known = take_due(begin("i", None, plan, now_s, AT), kind, plan, now_s)
    opened_s = untold_s = now_s
    for what, after_s in happenings:
        due_s = escalation.due_s(known, kind, plan)
        now_s = max(now_s, min(now_s + after_s, due_s))  # a watcher is asked when it is due
        if what in ("again", "panic", "medical"):
            if not known.active:
                opened_s = now_s
            if what != "again":
                kind = what
            untold_s = min(untold_s, now_s) if known.active else now_s
            known = take_due(begin("i", known, plan, now_s, AT + now_s), kind, plan, now_s)
        elif what == "told" and known.active and known.told:  # by an upstream that was told
            known, untold_s = escalation.somebody_told(known), math.inf
        elif what == "taken":
            known = escalation.rest(known)
        elif what == "restart":
            known = after_restart(known, plan, now_s)
        was = known
        known, tellings = escalation.advance(known, kind, plan, now_s, AT + now_s)
        told = [
            target
            for telling in tellings
            if telling.name != "nobody_told"
            for target in telling.targets
        ]
        if not was.active:
            assert (known, tellings) == (was, [])
            continue
        rounds = {telling.round for telling in tellings}
        assert len(told) == len(set(told)) or len(rounds) > 1
        # Within the plan's bound: each step of this kind whose time has come, since the alert was raised.
        due = [step for step in plan.round(kind, AT, 1) if opened_s + step.after_s <= now_s]
        assert {target for step in due for target in step.targets} <= set(known.told)
        if now_s >= untold_s + plan.nobody_told_s:
            assert known.told
        assert escalation.due_s(known, kind, plan) > now_s
