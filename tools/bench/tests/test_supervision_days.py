"""Living devices are not called missing, and the counting sees it where they are."""

from dataclasses import replace

import pytest

from tools.bench.supervision_days import SORTS, false_missing, play


def test_a_few_days_at_a_fifth_lost_call_nobody_missing() -> None:
    days = play(30.0, seed=1)
    assert days.false_missing == 0
    assert days.heartbeats == pytest.approx(30 * (0.7 * 96 + 0.3 * 288), rel=0.05)
    # Bursts of some five are heard whole or in part, and so are the four frames of a box.
    assert 0 < days.lost / days.heartbeats < 0.003


@pytest.mark.slow
def test_boxes_that_send_each_heartbeat_once_would_be_called_missing() -> None:
    boxes = replace(SORTS[-1], share=1.0)
    assert play(100.0, seed=1, sorts=(boxes,)).false_missing == 0
    once = play(40.0, seed=1, sorts=(replace(boxes, sends=1),))
    assert once.lost / once.heartbeats == pytest.approx(0.2, rel=0.1)
    assert once.false_missing > 0


def test_an_air_that_swallows_nearly_everything_is_seen() -> None:
    days = play(20.0, seed=1, loss=0.9)
    assert days.false_missing > 10
    assert {sort for sort, news in days.told if news == "missing"} >= {SORTS[0].name}


@pytest.mark.slow
def test_hundreds_of_days_call_nobody_missing() -> None:
    assert false_missing(150.0, seed=2) == 0
