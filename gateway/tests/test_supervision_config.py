"""[supervision] of gateway.toml."""

import tomllib
from pathlib import Path

import gateway
from gateway.config import load
from gateway.fields import Fields, Problem
from gateway.response.schedule import Schedule
from gateway.watching.duty import Rule
from gateway.watching.link_quality import Weak
from gateway.watching.supervision_config import SupervisionConfig, read_supervision
from gateway.watching.wellbeing import Limits

NIGHT = Schedule("night")


def read(text: str) -> tuple[SupervisionConfig, dict[str, str]]:
    problems: list[Problem] = []
    found = read_supervision(Fields(tomllib.loads(text), "", problems), {"night": NIGHT})
    return found, {problem.key: problem.what for problem in problems}


def test_all_of_it_is_optional() -> None:
    assert read("") == (SupervisionConfig(), {})


def test_every_key_is_read() -> None:
    found, problems = read(
        """
        [supervision]
        newest_build = 300
        battery_warn_days = 60
        weak_ble_dbm = -85
        weak_lora_dbm = -120
        disk_free_mb = 50
        outbox_rows = 10
        hot_celsius = 75
        [[supervision.rule]]
        role = "button"
        shift_s = 28800
        hours = "night"
        chemistry = "li_mno2"
        [[supervision.rule]]
        device = "desk-3"
        duty = "fixed"
        missing_s = 36
        """
    )
    assert problems == {}
    assert found == SupervisionConfig(
        rules=(
            Rule(role="button", shift_s=28_800, hours=NIGHT, chemistry="li_mno2"),
            Rule(device="desk-3", duty="fixed", missing_s=36),
        ),
        newest_build=300,
        warn_days=60,
        weak=Weak(-85, -120),
        limits=Limits(50, 10, 75),
    )


def test_a_rule_is_for_one_device_or_one_role() -> None:
    _, problems = read('[[supervision.rule]]\nduty = "fixed"')
    assert problems["supervision.rule[1].device"].startswith("a rule is for one device")
    _, problems = read('[[supervision.rule]]\ndevice = "a"\nrole = "button"')
    assert list(problems) == ["supervision.rule[1].device"]


def test_what_cannot_be_is_named() -> None:
    _, problems = read(
        """
        [[supervision.rule]]
        role = "siren"
        duty = "sometimes"
        missing_s = 35
        hours = "day"
        chemistry = "potato"
        colour = 1
        """
    )
    names = ("role", "duty", "missing_s", "hours", "chemistry", "colour")
    assert sorted(problems) == sorted(f"supervision.rule[1].{name}" for name in names)
    assert problems["supervision.rule[1].missing_s"] == "must be from 36 to 604800"
    assert "li_mno2" in problems["supervision.rule[1].chemistry"]


def test_the_example_shows_the_defaults() -> None:
    example = Path(gateway.__file__).parent / "packaging" / "gateway.toml"
    assert load(example).supervision == SupervisionConfig()
