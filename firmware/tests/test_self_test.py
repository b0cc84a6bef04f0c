import pytest

from firmware.core.self_test import DAY_S, NOTHING, SelfTest
from protocol.kinds import TESTED_BATTERY, TESTED_RADIO

NOW_S = 1_000


def run(
    test: SelfTest, idle_mv: int, loaded_mv: int, *, answered_s: int = NOW_S, battery: bool = True
) -> tuple[int, list[tuple[bool, bool]]]:
    """Run a test to its end; return what failed, and lamp and siren by 50 ms."""
    test.begin(idle_mv, 0)
    seen: list[tuple[bool, bool]] = []
    for now_ms in range(0, 5_000, 50):
        if test.wants_voltage(now_ms):
            assert test.lamp, "measured under load"
            test.loaded(loaded_mv)
        failed = test.poll(answered_s, battery, now_ms, NOW_S)
        if failed != NOTHING:
            return failed, seen
        seen.append((test.lamp, test.siren))
    raise AssertionError("it never ended")


def test_it_shines_for_2_s_and_chirps_briefly() -> None:
    failed, seen = run(SelfTest(0, 0), 4_000, 3_900)
    assert failed == 0
    assert seen == [(True, True)] * 3 + [(True, False)] * 37


@pytest.mark.parametrize(
    ("idle_mv", "loaded_mv", "expected"),
    [(4_000, 3_600, 0), (4_000, 3_599, TESTED_BATTERY), (0, 0, TESTED_BATTERY)],
)
def test_a_battery_that_gives_way_fails(idle_mv: int, loaded_mv: int, expected: int) -> None:
    assert run(SelfTest(0, 0), idle_mv, loaded_mv)[0] == expected


def test_a_box_without_a_measured_battery_cannot_fail_by_it() -> None:
    assert run(SelfTest(0, 0), 0, 0, battery=False)[0] == 0


def test_a_day_without_any_answer_fails_the_radio() -> None:
    assert run(SelfTest(0, 0), 4_000, 4_000, answered_s=NOW_S - DAY_S)[0] == 0
    assert run(SelfTest(0, 0), 4_000, 4_000, answered_s=NOW_S - DAY_S - 1)[0] == TESTED_RADIO


def test_it_comes_a_day_after_the_start_and_daily_at_that_time() -> None:
    test = SelfTest(NOW_S, 0)
    assert not test.due(NOW_S + DAY_S - 1)
    assert test.due(NOW_S + DAY_S)
    test.begin(4_000, 0)
    test.stop()
    assert not test.due(NOW_S + 2 * DAY_S - 1)
    assert test.due(NOW_S + 2 * DAY_S)


def test_a_street_of_boxes_is_spread_over_a_quarter_of_an_hour() -> None:
    latest = SelfTest(NOW_S, 1023)
    assert not latest.due(NOW_S + DAY_S + 890)
    assert latest.due(NOW_S + DAY_S + 900)


def test_a_walk_test_sets_the_hour_anew() -> None:
    test = SelfTest(NOW_S, 0)
    test.anchor(NOW_S + 50_000, 0)
    assert not test.due(NOW_S + DAY_S)
    assert test.due(NOW_S + DAY_S + 50_000)


def test_an_alert_takes_lamp_and_siren_from_it() -> None:
    test = SelfTest(0, 0)
    test.begin(4_000, 0)
    test.stop()
    assert not (test.lamp)
    assert not (test.siren)
    assert not (test.running)
    assert test.poll(NOW_S, True, 3_000, NOW_S) == NOTHING
