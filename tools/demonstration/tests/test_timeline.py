import pytest

from tools.demonstration.timeline import Press, Timeline, percentile

STEPS = {
    "on_air": 0.02,
    "received": 0.03,
    "stored": 0.035,
    "felt_stored": 0.1,
    "delivered": 0.04,
    "acknowledged": 0.3,
    "felt_acknowledged": 0.5,
}


def press(device: str = "button-1", touched_s: float = 100.0, note: str = "") -> Press:
    return Press(device, "panic", touched_s, touched_s + 0.8, 550.0, note)


def played(timeline: Timeline, one: Press, incident: str) -> None:
    timeline.begin(one)
    for stage, after_s in STEPS.items():
        if stage in ("on_air", "felt_stored", "felt_acknowledged"):
            timeline.stage(one.device, stage, one.complete_s + after_s)
        else:
            timeline.incident(incident, one.device, stage, one.complete_s + after_s)
    timeline.seen_raised(f"{incident}.1", incident, one.device)


def test_a_press_that_went_all_the_way_is_neither_lost_nor_doubled() -> None:
    timeline = Timeline()
    played(timeline, press(), "a")

    assert (timeline.lost(), timeline.duplicated()) == (0, 0)
    assert timeline.presses[0].ms("stored") == 35.0
    assert timeline.presses[0].recognition_ms == pytest.approx(800)


@pytest.mark.parametrize("missing", ["stored", "delivered", "felt_stored"])
def test_a_press_without_one_of_the_needed_stages_is_lost(missing: str) -> None:
    timeline = Timeline()
    played(timeline, press(), "a")
    del timeline.presses[0].at[missing]

    assert timeline.lost() == 1


def test_a_press_the_operator_never_saw_is_lost() -> None:
    timeline = Timeline()
    played(timeline, press(), "a")
    timeline.raised.clear()

    assert timeline.lost() == 1


def test_a_second_incident_for_one_press_is_a_duplicate() -> None:
    timeline = Timeline()
    played(timeline, press(), "a")
    timeline.seen_raised("b.1", "b", "button-1")

    assert timeline.duplicated() == 1


def test_the_same_alert_raised_under_two_event_ids_is_a_duplicate() -> None:
    timeline = Timeline()
    played(timeline, press(), "a")
    timeline.seen_raised("a.7", "a", "button-1")

    assert timeline.duplicated() == 1


def test_the_same_event_delivered_twice_is_one() -> None:
    timeline = Timeline()
    played(timeline, press(), "a")
    timeline.seen_raised("a.1", "a", "button-1")

    assert timeline.duplicated() == 0


def test_an_incident_belongs_to_the_press_of_its_device() -> None:
    timeline = Timeline()
    first, second = press("button-1"), press("button-2")
    timeline.begin(first)
    timeline.begin(second)
    timeline.incident("x", "button-2", "stored", 101.0)

    assert second.incident == "x"
    assert not first.incident


def test_what_happened_before_the_touch_is_not_of_this_press() -> None:
    timeline = Timeline()
    timeline.begin(press())

    assert timeline.stage("button-1", "on_air", 99.0) is None
    assert timeline.incident("x", "button-1", "stored", 99.0) is None


def test_percentiles_leave_out_presses_with_an_accident() -> None:
    timeline = Timeline()
    played(timeline, press(), "a")
    late = press("button-2", note="gateway killed")
    played(timeline, late, "b")
    late.at["stored"] = late.complete_s + 60

    assert timeline.percentiles()["stored"] == {"p50": 35.0, "p95": 35.0}
    assert timeline.percentiles()["stored_with_wake"]["p95"] == 585.0
    assert timeline.percentiles()["operator_to_felt"]["p50"] == pytest.approx(200.0)


def test_percentile_is_the_nearest_rank() -> None:
    values = [float(n) for n in range(1, 21)]

    assert percentile(values, 50) == 10.0
    assert percentile(values, 95) == 19.0
    assert percentile([7.0], 95) == 7.0
