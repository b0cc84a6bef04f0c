"""What `check` says of the plan, the annunciator and the site, in both languages."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.commands.checks import Finding
from gateway.commands.plan_checks import of_annunciator, of_plan, of_site
from gateway.config import Config, load
from gateway.tests.test_plan_config import GOOD, NIGHT

NOW = 1_795_000_000.0  # in November 2026
OUTPUT = '[[annunciator.output]]\nname = "siren"\ngpio = 17\n'


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Config]:
    def read(more: str) -> Config:
        path = tmp_path / "gateway.toml"
        path.write_text(GOOD + more, encoding="utf-8")
        return load(path)

    return read


def weights(findings: list[Finding]) -> list[str]:
    return [finding.weight for finding in findings]


def test_without_a_plan_somebody_is_told_always(read: Callable[[str], Config]) -> None:
    assert weights(list(of_plan(read(""), NOW))) == ["ok"]


def test_holes_and_who_is_never_told_are_warnings_with_what_to_do(
    read: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read(NIGHT + '[plan]\n[[plan.step]]\ntargets = "guard"\nwhen = "night"')
    found = list(of_plan(config, NOW))
    assert weights(found) == ["warning"] * 6
    hole = "from 2026-11-19 08:00 to 2026-11-19 19:00 no step tells of panic, hold_up"
    assert hole in found[1].text
    assert "no step ever tells desk" in found[-1].text
    monkeypatch.setenv("TOCSIN_LANG", "fr")
    assert "aucune étape pour panic" in next(of_plan(config, NOW)).text


def test_pins_that_are_not_there_are_a_fault(read: Callable[[str], Config], tmp_path: Path) -> None:
    assert list(of_annunciator(read(""), tmp_path)) == []
    config = read(OUTPUT)
    assert weights(list(of_annunciator(config, tmp_path))) == ["fault"]
    (tmp_path / "gpiochip0").touch()
    assert weights(list(of_annunciator(config, tmp_path))) == ["ok"]
    virtual = read('[annunciator]\npins = "virtual"\n' + OUTPUT)
    assert weights(list(of_annunciator(virtual, tmp_path))) == ["warning"]


def test_a_gateway_says_whether_it_stands_alone(read: Callable[[str], Config]) -> None:
    assert "alone" in next(of_site(read(""))).text
    assert "shared over desk" in next(of_site(read('[site]\nbroker = "desk"'))).text
