"""Timed visits: who applies what, and that no end of a visit is missed."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import decisions
from gateway.cases.incident import Incident, State
from gateway.cases.visit import Visit, nameable
from gateway.cases.visits import VisitWatch
from gateway.events import Acknowledge, Close, Delivered, Uplink
from gateway.ledger import Batch, Committed, Ledger
from gateway.tests.builders import DEVICE, KEY, TIME, certified, clock, ledger, take, uplink
from gateway.tests.test_decisions import late
from protocol.identity import incident_id
from protocol.keys import Keys
from protocol.kinds import VISIT_END, incident_word, visit_start_word
from tools.properties import at_most

START = 16
MINUTES = 30
DUE_S = 1_000.0 + 60 * MINUTES
GRACE_S = 60.0
VECTORS = Path(__file__).parents[2] / "protocol/tests/vectors/visits.json"


def name_of(first: int) -> str:
    return incident_id(Keys(KEY), first).hex()


def start(counter: int = START, at: float = 1_000.0, duress: int = 0) -> Uplink:
    return uplink(visit_start_word(duress, MINUTES, 7), counter, at=at)


def end(counter: int, first: int, at: float = 1_010.0, duress: int = 0) -> Uplink:
    block = (counter >> 4) - (first >> 4)
    return uplink(incident_word(VISIT_END, duress, 0, block, 7), counter, at=at)


def hear(known: Ledger, *uplinks: Uplink) -> Batch:
    """Take what was heard in one batch, and know it; return it."""
    batch = known.batch()
    for one in uplinks:
        take(batch, one)
    known.adopt(Committed(batch, 0.0))
    return batch


def judge(known: Ledger, now: float) -> tuple[Batch, float]:
    batch = known.batch(now, now)
    due_s = VisitWatch(GRACE_S).judge(batch)
    known.adopt(Committed(batch, 0.0))
    return batch, due_s


def visiting() -> Ledger:
    known = certified(START - 1)
    hear(known, start())
    return known


def names(batch: Batch) -> list[str]:
    return [entry.name for entry in batch.journal]


def only_incident(known: Ledger) -> Incident:
    (incident,) = known.incidents.values()
    return incident


def test_a_start_that_is_applied_is_supervised_and_answered_so() -> None:
    known = certified(START - 1)
    batch = hear(known, start())
    assert names(batch) == ["visit_started"]
    assert [notice.type for notice in batch.notices] == ["tocsin.device.visit_started"]
    assert known.visits[DEVICE].due_s == DUE_S
    assert known.visits[DEVICE].runs
    want = batch.wants[DEVICE]
    assert (want.incident, want.visit, want.applied) == (None, True, True)


@pytest.mark.parametrize("held", late(visit_start_word(0, MINUTES, 7), START))
def test_a_start_that_may_be_old_is_told_and_supervises_nothing(held: Uplink) -> None:
    known = certified(START - 1)
    batch = hear(known, held)
    assert names(batch) == ["visit_started_unverified"]
    assert not known.visits[DEVICE].runs
    assert not batch.wants[DEVICE].applied
    assert judge(known, 1e9)[1] == math.inf
    assert not known.incidents


def test_a_start_of_no_minutes_is_reserved_and_applies_nothing() -> None:
    known = certified(START - 1)
    batch = hear(known, uplink(visit_start_word(0, 0, 7), START))
    assert not known.visits[DEVICE].runs
    assert not batch.wants[DEVICE].applied


def test_a_further_start_extends_from_its_own_reception() -> None:
    known = visiting()
    batch = hear(known, start(32, at=1_015.0))
    assert names(batch) == ["visit_extended"]
    assert known.visits[DEVICE].starts == (16, 32)
    assert known.visits[DEVICE].due_s == DUE_S + 15.0


@pytest.mark.parametrize("held", late(visit_start_word(0, MINUTES, 7), 32))
def test_a_start_that_may_be_old_extends_nothing(held: Uplink) -> None:
    known = visiting()
    hear(known, held)
    assert known.visits[DEVICE].due_s == DUE_S


@pytest.mark.parametrize("named", [16, 32])
def test_an_end_may_name_any_start_and_then_nothing_is_overdue(named: int) -> None:
    known = visiting()
    hear(known, start(32))
    batch = hear(known, end(33, named))
    assert names(batch) == ["visit_ended"]
    assert batch.wants[DEVICE].applied
    assert judge(known, 1e9)[1] == math.inf
    assert not known.incidents


def test_an_end_told_again_is_answered_as_applied_and_is_no_news() -> None:
    known = visiting()
    hear(known, end(17, START))
    again = hear(known, end(18, START))
    assert names(again) == []
    assert again.wants[DEVICE].applied


@pytest.mark.parametrize("held", late(incident_word(VISIT_END, 0, 0, 0, 7), 17))
def test_an_end_that_may_be_old_ends_nothing_and_is_told_once(held: Uplink) -> None:
    known = visiting()
    batch = hear(known, held)
    assert names(batch) == ["visit_ended_unverified"]
    assert not batch.wants[DEVICE].applied
    assert names(hear(known, held._replace(counter=18))) == []
    assert known.visits[DEVICE].runs
    judge(known, DUE_S + GRACE_S)
    assert only_incident(known).kind == "visit"


def test_no_end_in_time_is_an_incident_of_the_last_start() -> None:
    known = visiting()
    hear(known, start(32, at=1_015.0))
    batch, due_s = judge(known, DUE_S + GRACE_S)
    assert (names(batch), due_s) == ([], DUE_S + 15.0 + GRACE_S)
    batch, due_s = judge(known, due_s)
    assert (names(batch), due_s) == (["raised"], math.inf)
    (notice,) = batch.notices
    assert (notice.type, notice.urgent) == ("tocsin.alert.raised", True)
    assert (notice.data["kind"], notice.data["visit"]) == ("visit", "overdue")
    incident = only_incident(known)
    assert (incident.id, incident.state) == (name_of(32), State.OPEN)
    assert (incident.first_counter, incident.opened_at) == (32, DUE_S + 15.0 + GRACE_S)
    assert not incident.silent
    assert names(judge(known, 1e9)[0]) == [], "it is raised once"


def test_an_end_that_comes_too_late_is_told_to_those_who_look_after_it() -> None:
    known = visiting()
    judge(known, DUE_S + GRACE_S)
    decide = known.batch()
    decisions.take_acknowledge(decide, Acknowledge(name_of(START), "Jo", None, 3_000.0))
    known.adopt(Committed(decide, 0.0))
    batch = hear(known, end(17, START))
    assert names(batch) == ["visit_ended", "visit_ended"]
    assert "tocsin.alert.visit_ended" in [notice.type for notice in batch.notices]
    assert batch.wants[DEVICE].applied
    assert only_incident(known).state is State.ACKNOWLEDGED
    assert names(hear(known, end(18, START))) == []


@pytest.mark.parametrize("known", [certified(47), ledger()])
def test_an_end_of_nothing_known_opens_an_incident_for_a_person_to_see(known: Ledger) -> None:
    batch = hear(known, end(48, 32))
    incident = only_incident(known)
    assert (incident.id, incident.kind, incident.state) == (name_of(32), "visit", State.OPEN)
    assert names(batch) == ["raised"]
    assert batch.notices[0].data["visit"] == "unknown_end"
    assert not batch.wants[DEVICE].applied
    again = hear(known, end(49, 32))
    assert names(again) == [], "it is repeated for an hour"
    assert len(known.incidents) == 1


def test_an_end_of_a_start_that_was_not_applied_alarms_nobody() -> None:
    known = certified(START - 1)
    hear(known, late(visit_start_word(0, MINUTES, 7), START)[1])
    batch = hear(known, end(17, START))
    assert names(batch) == ["visit_ended_unverified"]
    assert not batch.wants[DEVICE].applied
    assert not known.incidents


@pytest.mark.parametrize("duress", [lambda: start(32, duress=1), lambda: end(17, START, duress=1)])
def test_duress_is_an_incident_and_silent_and_the_visit_goes_on_as_if_not(
    duress: Callable[[], Uplink],
) -> None:
    known = visiting()
    frame = duress()
    batch = hear(known, frame)
    incident = only_incident(known)
    assert incident.silent
    assert incident.duress
    assert batch.notices[-1].type == "tocsin.alert.raised"
    assert batch.notices[-1].data["visit"] == "duress"
    want = batch.wants[DEVICE]
    assert (want.incident, want.applied) == (None, True), "who looks on sees an ordinary answer"
    if frame.counter == 17:
        assert judge(known, 1e9)[1] == math.inf
        assert names(hear(known, end(18, START, duress=1))) == []


@pytest.mark.parametrize("held", late(incident_word(VISIT_END, 1, 0, 0, 7), 17))
def test_duress_that_may_be_old_raises_and_ends_nothing(held: Uplink) -> None:
    known = visiting()
    hear(known, held)
    assert only_incident(known).silent
    assert known.visits[DEVICE].runs


def test_what_was_closed_is_opened_again_where_the_visit_is_overdue_after_all() -> None:
    known = visiting()
    hear(known, late(incident_word(VISIT_END, 1, 0, 0, 7), 17)[1])
    batch = known.batch()
    decisions.take_close(batch, Close(name_of(START), "Jo", 1_700.0))
    known.adopt(Committed(batch, 0.0))
    batch, _ = judge(known, DUE_S + GRACE_S)
    incident = only_incident(known)
    assert (incident.state, incident.closed_by) == (State.OPEN, None)
    assert batch.notices[-1].type == "tocsin.alert.updated"
    assert incident.told == incident.events


def test_no_stage_of_such_an_incident_is_pushed_to_the_device() -> None:
    known = visiting()
    judge(known, DUE_S + GRACE_S)
    known.states[DEVICE].contact_at = DUE_S
    batch = known.batch()
    decisions.take_delivered(batch, Delivered(1, "broker", name_of(START), 1, DUE_S + 61.0))
    decisions.take_acknowledge(batch, Acknowledge(name_of(START), "Jo", 5, DUE_S + 62.0))
    assert batch.incidents[name_of(START)].delivered
    assert batch.wants == {}


def test_what_is_not_committed_stays_due() -> None:
    known = visiting()
    dropped = known.batch(DUE_S + GRACE_S, 0.0)
    VisitWatch(GRACE_S).judge(dropped)
    assert dropped.incidents
    batch, _ = judge(known, DUE_S + GRACE_S + 1.0)
    assert names(batch) == ["raised"]


def test_a_device_taken_off_the_register_calls_nobody() -> None:
    known = visiting()
    known.devices.clear()
    batch, due_s = judge(known, 1e9)
    assert (names(batch), due_s) == ([], math.inf)


def test_a_new_visit_after_one_that_is_over_has_its_own_start() -> None:
    known = visiting()
    hear(known, end(17, START))
    batch = hear(known, start(32))
    assert names(batch) == ["visit_started"]
    visit = known.visits[DEVICE]
    assert (visit.starts, visit.others) == ((32,), (16,))
    batch = hear(known, end(33, START))
    assert visit.runs
    assert not batch.wants[DEVICE].applied
    assert not known.incidents


def test_a_deadline_read_from_disk_is_never_later_than_its_own_delay() -> None:
    visit = Visit(DEVICE, (16,), minutes=30, due_s=5_000.0)
    assert visit.not_postponed(4_000.0).due_s == 5_000.0
    assert visit.not_postponed(1_000.0).due_s == 1_000.0 + 1_800.0


def test_only_starts_that_can_still_be_named_are_remembered() -> None:
    assert nameable((16, 32), 1_039) == (16, 32)
    assert nameable((16, 32), 1_040) == (32,)
    assert len(nameable(tuple(range(1_000)), 1_000)) == 64


def in_time(known: Ledger, told: dict[str, int | str]) -> Uplink:
    """Return a frame of the vectors as if it was just sent, by a device whose clock is known."""
    counter = int(told["counter"])
    known.states[DEVICE].clock = clock(counter - 1)
    return uplink(int(str(told["body"]), 16) & ~0x7FF | TIME, counter)


@pytest.mark.parametrize("case", json.loads(VECTORS.read_text()))
def test_vectors(case: dict[str, object]) -> None:
    starts, told = case["starts"], case["end"]
    assert isinstance(starts, list)
    assert isinstance(told, dict)
    known = ledger()
    for one in starts:
        hear(known, in_time(known, one))
    assert [name_of(one["counter"]) for one in starts] == [one["id"] for one in starts]
    assert known.visits[DEVICE].starts == tuple(one["counter"] for one in starts)
    batch = hear(known, in_time(known, told))
    assert batch.wants[DEVICE].applied
    assert not known.visits[DEVICE].runs


@at_most(60)
@given(
    happens=st.lists(
        st.one_of(st.just("start"), st.just("end"), st.integers(1, 45)), min_size=1, max_size=20
    )
)
def test_whatever_happens_each_visit_is_ended_or_raised_exactly_once(
    happens: list[str | int],
) -> None:
    """`happens` are starts, ends, and minutes that pass; the model knows visits as a person would."""
    known, now, counter = ledger(), 1_000.0, 16
    first, due_s, raised = None, math.inf, []
    for what in happens:
        if isinstance(what, int):
            now += 60.0 * what
            judge(known, now)
            if now >= due_s:
                raised.append(name_of(first or 0))
                due_s = math.inf
            continue
        counter += 16
        known.states[DEVICE].clock = clock(counter - 1, at=now)
        if what == "start":
            hear(known, start(counter, at=now))
            first, due_s = counter, now + 60 * MINUTES + GRACE_S
        elif first is not None:
            hear(known, end(counter, first, at=now))
            due_s = math.inf
    assert sorted(known.incidents) == sorted(raised)
    assert judge(known, now)[1] == due_s
