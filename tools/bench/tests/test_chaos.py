"""The accounting of the chaos sees what is lost, and what is told twice."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tools import cli
from tools.bench import chaos
from tools.bench.chaos import Outcome, Plan
from tools.bench.chaos_account import RAISED, Account

KEYS = {"kills", "presses", "felt", "delivered", "felt_lost", "duplicated"}


def raised(incident: str, number: int = 1) -> dict[str, object]:
    return {"type": RAISED, "id": f"{incident}.{number}"}


def account(*, felt: bool = True, left: bool = False) -> Account:
    found = Account()
    pressed = found.press("button-1", "aa")
    pressed.felt, pressed.left = felt, left
    return found


def test_a_press_that_was_felt_and_never_told_is_lost() -> None:
    found = account()
    assert found.figures() | {"felt_lost": 1, "delivered": 0} == found.figures()
    assert not Outcome(account=found).holds
    found.take(raised("aa"))
    assert found.figures() | {"felt_lost": 0, "delivered": 1} == found.figures()
    assert Outcome(account=found).holds


def test_a_press_that_was_not_felt_is_missing_and_not_broken_a_promise() -> None:
    found = account(felt=False)
    assert (found.figures()["felt_lost"], found.figures()["unfelt_lost"]) == (0, 1)


def test_nothing_felt_proves_nothing() -> None:
    found = account(felt=False)
    found.take(raised("aa"))
    assert not Outcome(account=found).holds


def test_the_same_event_again_is_a_repeat_another_is_a_duplicate() -> None:
    found = account()
    for number in (1, 1, 7):
        found.take(raised("aa", number))
    assert (found.figures()["repeats"], found.figures()["duplicated"]) == (1, 1)
    assert not Outcome(account=found).holds


def test_an_incident_of_no_press_is_a_duplicate_told_or_stored() -> None:
    found = account()
    found.take(raised("aa"))
    found.take(raised("bb"))
    found.stored = {"aa", "bb", "cc"}
    assert found.figures()["duplicated"] == 2


def test_other_events_are_not_counted() -> None:
    found = account()
    assert found.take({"type": "tocsin.alert.updated", "id": "aa.2"}) is None
    assert not found.delivered("aa")


def test_who_has_left_rests_on_the_gateway_until_told() -> None:
    found = account(left=True)
    assert [one.incident for one in found.promised()] == ["aa"]
    found.take(raised("aa"))
    assert not list(found.promised())


def test_the_command_prints_all_and_writes_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[Plan] = []

    def run(plan: Plan) -> Outcome:
        plans.append(plan)
        return Outcome(plan.kills, 1, account(), without=("clock",), last_words=["no disk"])

    monkeypatch.setattr(chaos, "chaos", run)
    path = tmp_path / "figures.json"
    arguments = ["bench", "chaos", "--kills", "3", "--seed", "5", "--json", str(path)]
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 1, "a felt press was lost"
    assert plans == [Plan(3, 5)]
    written = json.loads(path.read_text())
    assert set(written) >= KEYS
    assert all(type(value) is int for value in written.values())
    assert "LOST button-1" in result.output
    assert "not caused" in result.output
    assert "no disk" in result.output


@pytest.mark.slow
def test_a_gateway_that_answers_before_it_has_committed_is_found_out() -> None:
    hasty = "tools.bench.tests.hasty_gateway"
    outcome = chaos.chaos(Plan(kills=5, cards=(), settle_s=2.0, module=hasty))
    figures = outcome.figures()
    assert figures["felt"] > 0
    assert figures["felt_lost"] > 0
    assert not outcome.holds
