import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.alert import FOREVER, Alert
from firmware.core.ticks import add
from protocol.kinds import (
    ACKNOWLEDGED,
    BLOCK_MAX,
    CANCEL,
    CLOSED,
    DELIVERED,
    HOLD_UP,
    NONE,
    PANIC,
    STORED,
    TEST,
)
from protocol.messages import IncidentMessage, parse_uplink

HEARTBEAT_MS = 900_000
FIRST = 640
HOUR_MS = 3_600_000


def raised(at_ms: int = 0, kind: int = PANIC) -> Alert:
    alert = Alert(HEARTBEAT_MS)
    alert.raise_new(kind, 0, FIRST, at_ms)
    return alert


def message(word: int) -> IncidentMessage:
    parsed = parse_uplink(word.to_bytes(3, "big"))
    assert isinstance(parsed, IncidentMessage)
    return parsed


def send(alert: Alert, counter: int, now_ms: int) -> IncidentMessage:
    return message(alert.word(counter, 0, now_ms))


def moments(alert: Alert, until_ms: int, now_ms: int = 0, start_ms: int = 0) -> list[int]:
    """Return when frames are sent, each as soon as it is due, relative to the raising."""
    sent = []
    counter = FIRST
    while alert.open and now_ms < until_ms:
        ticks = add(start_ms, now_ms)
        if alert.due(ticks):
            sent.append(now_ms)
            send(alert, counter, ticks)
            counter += 1
        now_ms += max(1, alert.wait_ms(ticks))
    return sent


def spacings(sent: list[int]) -> set[int]:
    return {after - before for before, after in itertools.pairwise(sent)}


@given(st.integers(0, (1 << 30) - 1))
def test_refresh_follows_the_schedule(start_ms: int) -> None:
    sent = moments(raised(start_ms), HOUR_MS + 3 * HEARTBEAT_MS, start_ms=start_ms)
    assert [sum(at < until for at in sent) for until in (10_000, 60_000, 600_000, HOUR_MS)] == [
        10,
        35,
        143,
        443,
    ]  # SPEC 7.1 counts the frame at the very end of each span to it
    assert spacings([at for at in sent if at <= 10_000]) == {1_000}
    assert spacings([at for at in sent if 10_000 <= at <= 60_000]) == {2_000}
    assert spacings([at for at in sent if 60_000 <= at <= 600_000]) == {5_000}
    assert spacings([at for at in sent if 600_000 <= at <= HOUR_MS]) == {10_000}
    assert spacings([at for at in sent if at >= HOUR_MS]) == {HEARTBEAT_MS}
    assert len([at for at in sent if at < HOUR_MS]) <= 512


def test_an_alert_nobody_takes_stays_slow_for_a_month() -> None:
    month_ms = 30 * 24 * HOUR_MS
    sent = moments(raised(), month_ms)
    assert spacings([at for at in sent if at >= HOUR_MS]) == {HEARTBEAT_MS}
    assert sent[-1] > month_ms - 2 * HEARTBEAT_MS


@pytest.mark.parametrize(("op", "least_ms"), [(STORED, 2_000), (DELIVERED, 5_000)])
def test_stage_slows_and_does_not_stop(op: int, least_ms: int) -> None:
    alert = raised()
    send(alert, FIRST, 0)
    assert alert.heard(op, FIRST, 100) == op
    sent = moments(alert, HOUR_MS, 100)
    assert min(spacings(sent)) == least_ms
    assert alert.open
    assert spacings([at for at in sent if at > 660_000]) == {10_000}


@pytest.mark.parametrize("op", [ACKNOWLEDGED, CLOSED])
def test_a_person_stops_it_after_one_frame_that_says_so(op: int) -> None:
    alert = raised()
    send(alert, FIRST, 0)
    assert alert.heard(op, FIRST, 100) == ACKNOWLEDGED
    assert alert.due(100)
    assert send(alert, FIRST + 1, 100).felt == ACKNOWLEDGED
    assert not alert.open
    assert alert.wait_ms(100) == FOREVER


def test_each_stage_is_felt_once_and_never_back() -> None:
    alert = raised()
    felt = [alert.heard(op, FIRST, 1) for op in (STORED, STORED, DELIVERED, STORED, ACKNOWLEDGED)]
    assert felt == [STORED, NONE, DELIVERED, NONE, ACKNOWLEDGED]


def test_frames_say_what_was_felt() -> None:
    alert = raised()
    alert.heard(DELIVERED, FIRST, 1)
    assert send(alert, FIRST + 1, 2) == IncidentMessage(PANIC, 0, DELIVERED, 0, 0)


@pytest.mark.parametrize("op", [0, *range(5, 16)])
def test_what_is_no_stage_changes_nothing(op: int) -> None:
    alert = raised()
    assert alert.heard(op, FIRST, 1) == NONE
    assert alert.felt == NONE


def test_acks_from_before_the_alert_do_not_count() -> None:
    alert = raised()
    assert alert.heard(ACKNOWLEDGED, FIRST - 1, 1) == NONE
    assert alert.open


def test_insisting_is_the_same_incident_refreshed_fast_again() -> None:
    alert = raised(kind=HOLD_UP)
    send(alert, FIRST, 0)
    alert.heard(DELIVERED, FIRST, 1)
    alert.insist(PANIC, FIRST + 1, 50_000)
    assert alert.due(50_000)
    assert send(alert, FIRST + 1, 50_000) == IncidentMessage(HOLD_UP, 0, NONE, 0, 0)
    assert alert.wait_ms(50_000) == 1_000
    assert alert.heard(ACKNOWLEDGED, FIRST, 50_001) == NONE, "that was for the first press"
    assert alert.heard(ACKNOWLEDGED, FIRST + 1, 50_001) == ACKNOWLEDGED


def test_cancel_is_sent_until_stored() -> None:
    alert = raised()
    send(alert, FIRST, 0)
    alert.cancel(FIRST + 5, 5_000)
    assert send(alert, FIRST + 5, 5_000) == IncidentMessage(CANCEL, 0, NONE, 0, 0)
    assert alert.heard(STORED, FIRST + 5, 5_100) == STORED
    assert not alert.open


def test_cancel_nobody_hears_is_given_up_after_a_minute() -> None:
    alert = raised()
    alert.cancel(FIRST, 0)
    sent = moments(alert, HOUR_MS)
    assert not alert.open
    assert 60_000 <= sent[-1] + 2_000 <= 64_000


def test_pressing_after_a_cancel_is_an_alert_again() -> None:
    alert = raised()
    alert.cancel(FIRST + 1, 5_000)
    alert.insist(PANIC, FIRST + 2, 6_000)
    assert send(alert, FIRST + 2, 6_000).kind == PANIC


def test_pressing_silently_after_a_cancel_is_a_silent_alert() -> None:
    alert = raised(kind=HOLD_UP)
    alert.cancel(FIRST + 1, 5_000)
    alert.insist(HOLD_UP, FIRST + 2, 6_000)
    assert send(alert, FIRST + 2, 6_000).kind == HOLD_UP


@pytest.mark.parametrize(("op", "goes_on"), [(STORED, True), (DELIVERED, False), (CLOSED, False)])
def test_a_test_ends_where_it_was_delivered(op: int, goes_on: bool) -> None:
    alert = raised(kind=TEST)
    send(alert, FIRST, 0)
    assert alert.heard(op, FIRST, 100) == min(op, ACKNOWLEDGED)
    assert alert.open is goes_on


def test_a_test_nobody_hears_is_given_up_after_a_minute() -> None:
    alert = raised(kind=TEST)
    sent = moments(alert, HOUR_MS)
    assert not alert.open
    assert sent[-1] == 60_000


def test_after_a_reset_it_is_the_same_incident_with_what_was_felt_and_the_schedule_begins_anew() -> (
    None
):
    alert = Alert(HEARTBEAT_MS)
    alert.first, alert.kind, alert.felt, alert.frames = FIRST, HOLD_UP, STORED, 30
    alert.resume(FIRST + 80, 7_000)
    assert alert.due(7_000)
    assert send(alert, FIRST + 80, 7_000) == IncidentMessage(HOLD_UP, 0, STORED, 5, 0)
    assert alert.wait_ms(7_000) == 2_000
    assert alert.heard(ACKNOWLEDGED, FIRST + 79, 7_001) == NONE, "that was before the reset"
    assert alert.frames == 31


def test_where_an_answer_takes_long_frames_leave_it_the_time() -> None:
    alert = Alert(HEARTBEAT_MS, 2_500)
    alert.raise_new(PANIC, 0, FIRST, 0)
    sent = moments(alert, HOUR_MS)
    assert spacings(sent) == {2_500, 5_000, 10_000}


@given(st.integers(0, 63 * 16 + 15))
def test_block_names_the_first_counter(used: int) -> None:
    alert = raised()
    counter = FIRST + used
    assert not alert.overflows(counter)
    assert ((counter >> 4) - send(alert, counter, 0).block) << 4 == FIRST


def test_overflow_is_told_where_no_block_can_name_the_first() -> None:
    alert = raised()
    assert not alert.overflows(FIRST + 16 * BLOCK_MAX + 15)
    assert alert.overflows(FIRST + 16 * (BLOCK_MAX + 1))


OPS = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 3), st.integers(0, 9_000)), max_size=40)


@given(OPS, st.integers(0, (1 << 30) - 1))
def test_only_a_person_ends_an_alert(ops: list[tuple[int, int, int]], now_ms: int) -> None:
    alert = raised(now_ms)
    counter = FIRST
    taken = False
    for op, back, later_ms in ops:
        now_ms = add(now_ms, later_ms)
        if alert.due(now_ms):
            send(alert, counter, now_ms)
            counter += 1
        stage = alert.heard(op, counter - back, now_ms)
        taken = taken or stage == ACKNOWLEDGED
        assert alert.open or taken
        assert not alert.open or 0 <= alert.wait_ms(now_ms) <= HEARTBEAT_MS


def test_without_an_incident_there_is_nothing_to_cancel() -> None:
    alert = Alert(300_000)
    alert.cancel(5, 0)

    assert not alert.open
    assert not alert.due(0)


@pytest.mark.parametrize("press_every_ms", [3_600_000, 30_000, 7_000, 1_000])
def test_an_hour_takes_at_most_512_counters_however_often_it_is_pressed(
    press_every_ms: int,
) -> None:
    alert = Alert(300_000)
    alert.raise_new(PANIC, 0, 0, 0)
    counter = 0
    for now_ms in range(0, 3_600_000, 1_000):
        if now_ms and now_ms % press_every_ms == 0:
            alert.insist(PANIC, counter, now_ms)
        if alert.due(now_ms):
            alert.word(counter, 0, now_ms)
            counter += 1

    assert 440 <= counter <= 512
