"""What each output shows of which incident, for how long; and never where a stranger would see it."""

import math

import pytest

from gateway.cases.incident import State
from gateway.response.annunciator import FAULT_KIND, Lit, Output, Shown, level, next_s, shown

SIREN = Output("siren", 17, limit_s=180)
LIGHT = Output("light", 27, open=Shown.FLASH, acknowledged=Shown.ON)
OFFICE = Output("office", 22, silent=True)


def lit(state: State = State.OPEN, kind: str = "panic", *, silent: bool = False) -> Lit:
    return Lit(kind, silent, state, since_s=100.0)


def of(output: Output, *incidents: Lit, now_s: float = 101.0, fault: bool = False) -> Shown:
    return shown(output, incidents, now_s, fault=fault)


@pytest.mark.parametrize(
    ("state", "siren", "light"),
    [
        (State.OPEN, Shown.ON, Shown.FLASH),
        (State.ACKNOWLEDGED, Shown.OFF, Shown.ON),
        (State.CLOSED, Shown.OFF, Shown.OFF),
    ],
)
def test_outputs_follow_the_stage_of_the_incident(state: State, siren: Shown, light: Shown) -> None:
    assert (of(SIREN, lit(state)), of(LIGHT, lit(state))) == (siren, light)


def test_a_silent_alert_shows_only_where_no_stranger_sees_it() -> None:
    silent = lit(silent=True)
    assert [of(output, silent) for output in (SIREN, LIGHT, OFFICE)] == [
        Shown.OFF,
        Shown.OFF,
        Shown.ON,
    ]
    # Another incident is no reason to keep quiet.
    assert of(SIREN, silent, lit()) is Shown.ON


def test_a_siren_falls_silent_in_time_though_nobody_comes() -> None:
    assert of(SIREN, lit(), now_s=279.9) is Shown.ON
    assert of(SIREN, lit(), now_s=280.0) is Shown.OFF
    assert of(LIGHT, lit(), now_s=1e6) is Shown.FLASH


def test_an_output_is_for_its_kinds() -> None:
    door = Output("door", 5, kinds=frozenset({"medical"}))
    assert of(door, lit()) is Shown.OFF
    assert of(door, lit(kind="medical")) is Shown.ON


def test_the_strongest_of_several_wins() -> None:
    assert of(LIGHT, lit(), lit(State.ACKNOWLEDGED)) is Shown.ON


def test_a_fault_shows_only_where_it_is_named() -> None:
    lamp = Output("lamp", 6, kinds=frozenset({FAULT_KIND}))
    assert (of(lamp, fault=True), of(lamp, lit())) == (Shown.ON, Shown.OFF)
    assert of(SIREN, fault=True) is Shown.OFF


def test_what_flashes_is_on_and_off_for_half_a_second_each() -> None:
    half_seconds = [level(Shown.FLASH, 10 + step / 4) for step in range(8)]
    assert half_seconds == [True, True, False, False] * 2


def test_it_says_when_it_may_change_by_itself() -> None:
    assert next_s([SIREN, LIGHT], [lit()], 101.2, flashing=True) == 101.5
    assert next_s([SIREN, LIGHT], [lit()], 101.2, flashing=False) == 280
    assert next_s([SIREN, LIGHT], [lit()], 280, flashing=False) == math.inf
    assert next_s([SIREN], [], 0, flashing=False) == math.inf
