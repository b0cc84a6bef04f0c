import pytest

from firmware.core import signs
from firmware.core.signs import FOREVER, LIGHT_MS, Signs

SIREN_S = 60


def lights(shown: Signs, ms: int, from_ms: int = 0) -> list[int]:
    """Return the lengths of light and dark, as they end."""
    lengths = []
    level, since_ms, now_ms = False, from_ms, from_ms
    while now_ms <= from_ms + ms:
        shown.poll(now_ms, now_ms // 1000)
        if shown.lamp != level:
            if now_ms > since_ms:
                lengths.append(now_ms - since_ms)
            level, since_ms = shown.lamp, now_ms
        wait_ms = shown.wait_ms(now_ms, now_ms // 1000)
        now_ms += max(1, wait_ms) if wait_ms != FOREVER else ms
    return lengths


@pytest.mark.parametrize("sign", [sign for sign in LIGHT_MS if len(LIGHT_MS[sign]) > 1])
def test_each_sign_blinks_as_the_table_says(sign: int) -> None:
    shown = Signs(SIREN_S)
    shown.sign = sign
    once = list(LIGHT_MS[sign])
    assert lights(shown, 3 * sum(once))[: 2 * len(once)] == 2 * once


def test_every_sign_has_a_name_a_row_in_both_languages_and_a_light_of_its_own() -> None:
    assert signs.__doc__ is not None
    rows = [line.split()[0] for line in signs.__doc__.splitlines() if line.startswith("    ")]
    assert {getattr(signs, name) for name in rows[1:]} == set(LIGHT_MS) - {signs.DARK}
    alike = [signs.CALLING, signs.TAMPER], [signs.HELP, signs.TESTED]
    distinct = {LIGHT_MS[sign] for sign in LIGHT_MS}
    assert len(distinct) == len(LIGHT_MS) - len(alike)


def test_siren_sounds_for_its_time_and_not_with_help() -> None:
    shown = Signs(SIREN_S)
    shown.raised(100)
    shown.sign = signs.CALLING
    shown.poll(0, 100)
    assert shown.siren
    shown.sign = signs.HELP
    shown.poll(0, 101)
    assert not shown.siren
    shown.sign = signs.STORED
    shown.poll(0, 100 + SIREN_S - 1)
    assert shown.siren
    shown.poll(0, 100 + SIREN_S)
    assert not shown.siren
    assert 500 in lights(shown, 3_000), "the light goes on"


def test_siren_of_0_seconds_is_never() -> None:
    shown = Signs(0)
    shown.raised(100)
    shown.sign = signs.CALLING
    shown.poll(0, 100)
    assert not shown.siren


def test_a_command_neither_ends_nor_shortens_what_an_alert_began() -> None:
    shown = Signs(SIREN_S)
    shown.raised(100)
    shown.sign = signs.CALLING
    shown.command_siren(1, 100)
    shown.command_light(1, 100)
    shown.poll(0, 110)
    assert shown.siren
    assert shown.lamp


def test_commanded_light_and_siren_last_their_seconds() -> None:
    shown = Signs(SIREN_S)
    shown.command_siren(5, 100)
    shown.command_light(7, 100)
    levels = []
    for now_s in (100, 104, 105, 106, 107):
        shown.poll(0, now_s)
        levels.append((shown.siren, shown.lamp))
    assert levels == [(True, True), (True, True), (False, True), (False, True), (False, False)]
    shown.command_light(100, 200)
    shown.command_light(0, 201)
    shown.poll(0, 201)
    assert not shown.lamp


def test_identify_flickers_over_whatever_is_shown_and_then_gives_way() -> None:
    shown = Signs(SIREN_S)
    shown.sign = signs.HELP
    shown.identify(0)
    assert set(lights(shown, 9_000)) == {60}
    shown.poll(10_000, 10)
    assert shown.lamp
