"""Living devices are not called missing, and the counting sees it where they are."""

import pytest

from tools.bench.supervision_days import SORTS, false_missing, play


def test_a_few_days_at_a_fifth_lost_call_nobody_missing() -> None:
    days = play(30.0, seed=1)
    assert days.false_missing == 0
    assert days.heartbeats == pytest.approx(30 * (0.7 * 96 + 0.3 * 288), rel=0.05)
    # Four bursts of five are heard whole or in part; of the single frames of the boxes a fifth is lost.
    assert days.lost / days.heartbeats == pytest.approx(0.2 * 0.15 * 288 / 153.6, rel=0.15)


def test_an_air_that_swallows_nearly_everything_is_seen() -> None:
    days = play(20.0, seed=1, loss=0.9)
    assert days.false_missing > 10
    assert {sort for sort, news in days.told if news == "missing"} >= {SORTS[0].name}


@pytest.mark.slow
def test_hundreds_of_days_call_nobody_missing() -> None:
    assert false_missing(150.0, seed=2) == 0
