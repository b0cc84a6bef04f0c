"""Killed fifty times while all around it breaks: nothing that was felt is lost, nothing is told as two."""

import pytest

from tools.bench.chaos import Plan, chaos, report
from tools.bench.chaos_faults import CARDS

KILLS = 50


@pytest.mark.slow
def test_nothing_felt_is_lost_and_nothing_is_told_as_two() -> None:
    outcome = chaos(Plan(KILLS, seed=7))
    figures = outcome.figures()
    assert (figures["felt_lost"], figures["duplicated"]) == (0, 0), report(outcome)
    assert figures["kills"] == KILLS
    assert figures["felt"] == figures["delivered"] == figures["presses"] > KILLS
    caused = {name for name in CARDS if outcome.played.get(name)}
    assert caused == set(CARDS) - set(outcome.without)
