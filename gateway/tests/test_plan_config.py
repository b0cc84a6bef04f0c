"""[plan], [[schedule]], [site] and [annunciator] as they are read; and what is wrong, by name."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import gateway
from gateway.config import Config, ConfigError, load
from gateway.response.annunciator import Output, Shown
from gateway.response.plan import Plan, Step
from gateway.response.schedule import HOLIDAYS
from gateway.response.sharing import Sharing

GOOD = """
[gateway]
site = "s"
[[radio]]
type = "radio_head"
port = "/dev/x"
[[upstream]]
type = "mqtt"
name = "desk"
host = "localhost"
[[upstream]]
type = "mqtt"
name = "guard"
host = "localhost"
"""
NIGHT = """
[[schedule]]
name = "night"
days = "mon-fri, holidays"
hours = "19:00-08:00"
zone = "Europe/Paris"
holidays = ["2026-12-24"]
france = true
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def read(path: Path, more: str) -> Config:
    path.write_text(GOOD + more, encoding="utf-8")
    return load(path)


def complaint(path: Path, more: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(path, more)
    return str(caught.value)


def test_without_a_plan_every_upstream_is_told_at_once_and_once(path: Path) -> None:
    everyone = ("desk", "guard")
    assert read(path, "").plan == Plan((Step(0, everyone),), 0, 30, everyone, {})


def test_a_plan_with_its_steps_in_the_order_of_time(path: Path) -> None:
    plan = read(
        path,
        NIGHT
        + """
        [plan]
        nobody_told_s = 20
        [[plan.step]]
        after_s = 60
        targets = ["guard"]
        kinds = ["panic", "hold_up"]
        when = "night"
        [[plan.step]]
        targets = "desk"
        [site]
        address = "12 rue des Lilas"
        phone = "+33 1 00 00 00 00"
        """,
    ).plan
    first, second = plan.steps
    assert (first, plan.repeat_s, plan.nobody_told_s) == (Step(0, ("desk",)), 300, 20)
    assert (second.after_s, second.kinds) == (60, frozenset({"panic", "hold_up"}))
    (night,) = second.when
    assert night.days == {0, 1, 2, 3, 4, HOLIDAYS}
    assert plan.access == {"address": "12 rue des Lilas", "phone": "+33 1 00 00 00 00"}
    assert night.stands(datetime(2026, 12, 24, 20, tzinfo=UTC).timestamp())
    assert not night.stands(datetime(2026, 12, 26, 20, tzinfo=UTC).timestamp())  # a Saturday


def test_days_may_go_over_the_week_and_are_all_where_none_is_named(path: Path) -> None:
    schedules = '[[schedule]]\nname = "a"\ndays = "sat-mon"\n[[schedule]]\nname = "b"\n'
    more = '[plan]\n[[plan.step]]\nwhen = ["a", "b"]\n' + schedules
    a, b = read(path, more).plan.steps[0].when
    assert a.days == {5, 6, 0}
    assert len(b.days) == 8


@pytest.mark.parametrize(
    ("more", "key", "remedy"),
    [
        ('[[plan.step]]\ntargets = ["dsk"]', "plan.step[1].targets", "one or more of: desk, guard"),
        ('[[plan.step]]\ntargets = "annunciator"', "plan.step[1].targets", "desk, guard"),
        ("[[plan.step]]\ntargets = []", "plan.step[1].targets", "one or more of"),
        ("[[plan.step]]\ntargets = [1]", "plan.step[1].targets", "a list of texts"),
        ('[[plan.step]]\nkinds = ["test"]', "plan.step[1].kinds", "one or more of: all, panic"),
        ('[[plan.step]]\nwhen = "night"', "plan.step[1].when", "one or more of: always"),
        ("[[plan.step]]\nafter = 5", "plan.step[1].after", "unknown"),
        ("[plan]\nrepeat_s = 5", "plan.repeat_s", "at least 30"),
        ("[plan]\nnobody_told_s = 1", "plan.nobody_told_s", "from 5 to 600"),
        (NIGHT.replace("mon-fri, ", "lun,"), "schedule[1].days", "days or ranges"),
        (NIGHT.replace("mon-fri, ", "fri-"), "schedule[1].days", "days or ranges"),
        (NIGHT.replace("19:00", "7pm"), "schedule[1].hours", "19:00-08:00"),
        (NIGHT.replace("19:00", "24:00"), "schedule[1].hours", "19:00-08:00"),
        (NIGHT.replace("19:00", "08:00"), "schedule[1].hours", "19:00-08:00"),
        (NIGHT.replace("Europe/Paris", "Mars/Olympus"), "schedule[1].zone", "time zone"),
        (NIGHT.replace("2026-12-24", "24/12"), "schedule[1].holidays", "2027-12-24"),
        (NIGHT.replace('"night"', '"always"'), "schedule[1].name", "used twice"),
        (NIGHT + NIGHT, "schedule[2].name", "night is used twice"),
        ('[site]\nstreet = "x"', "site.street", "address, floor, entrances, contact"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(
    path: Path, more: str, key: str, remedy: str
) -> None:
    told = complaint(path, more)
    assert f": {key}: " in told
    assert remedy in told


def test_the_annunciator(path: Path) -> None:
    config = read(
        path,
        """
        [annunciator]
        pins = "virtual"
        [[annunciator.output]]
        name = "siren"
        gpio = 17
        limit_s = 180
        [[annunciator.output]]
        name = "light"
        gpio = 27
        active_high = false
        kinds = ["panic", "fault"]
        open = "flash"
        acknowledged = "on"
        silent = true
        """,
    )
    local = config.annunciator
    assert local.virtual
    assert local.outputs == (
        Output("siren", 17, limit_s=180),
        Output("light", 27, False, frozenset({"panic", "fault"}), Shown.FLASH, Shown.ON, 0, True),
    )
    # Without a plan it is told with everybody else; and a step may name it.
    assert config.plan.everyone == ("desk", "guard", "annunciator")


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("gpio = 28", "annunciator.output[1].gpio"),
        ('gpio = 1\nopen = "blink"', "annunciator.output[1].open"),
        ('gpio = 1\n[[annunciator.output]]\nname = "a"\ngpio = 2', "annunciator.output.name"),
        ('gpio = 1\n[[annunciator.output]]\nname = "b"\ngpio = 1', "annunciator.output.gpio"),
    ],
)
def test_an_output_that_cannot_be_is_refused(path: Path, more: str, key: str) -> None:
    assert f": {key}: " in complaint(path, f'[[annunciator.output]]\nname = "a"\n{more}')


def test_gateways_share_over_the_broker_that_is_named_and_else_stand_alone(path: Path) -> None:
    assert read(path, "").sharing is None
    config = read(path, '[site]\nbroker = "desk"\ntakeover_s = 5')
    assert config.sharing == Sharing("gateway", 1, "desk", 5)
    assert ": site.broker: " in complaint(path, '[site]\nbroker = "nowhere"')


def test_the_example_is_good_also_where_it_is_only_a_comment(path: Path) -> None:
    example = Path(gateway.__file__).parent / "packaging" / "gateway.toml"
    lines = example.read_text(encoding="utf-8").splitlines()
    optional = re.compile(r"# (\[.*|\w+ = .*)")
    begin = lines.index("# [plan]")
    lines[begin:] = [optional.sub(r"\1", line) for line in lines[begin:]]
    path.write_text("\n".join(lines), encoding="utf-8")
    config = load(path)
    assert [step.after_s for step in config.plan.steps] == [0, 60]
    assert config.plan.access["phone"]
    assert config.sharing is not None
    assert [output.name for output in config.annunciator.outputs] == ["siren"]
