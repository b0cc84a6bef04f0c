"""A battery is refused where a good one of its chemistry cannot read so."""

import pytest

from firmware.core.settings import CHEMISTRIES
from tools.provision.battery import Reading, most_mv
from tools.virtual import battery


@pytest.mark.parametrize("chemistry", CHEMISTRIES)
def test_every_chemistry_of_the_firmware_is_judged(chemistry: str) -> None:
    curve = battery.CHEMISTRIES[chemistry].open_mv
    fresh, empty = curve[0], curve[-1]
    assert Reading(fresh, chemistry).fault is None
    assert Reading(empty, chemistry).fault == "battery_flat"
    for nothing in (0, 999):  # none in, or reversed: the converter reads nothing below ground
        assert Reading(nothing, chemistry).fault == "battery_absent"
    assert Reading(2 * fresh, chemistry).fault == "battery_too_high"  # a divider of another board


@pytest.mark.parametrize(
    ("there", "planned", "fault"),
    [
        ("lipo", "li_mno2", "battery_too_high"),
        ("alkaline", "lipo", "battery_flat"),
        ("lipo", "lifepo4", "battery_too_high"),
        ("li_mno2", "li_socl2", "battery_flat"),
    ],
)
def test_a_battery_of_another_chemistry_than_the_plan_is_told(
    there: str, planned: str, fault: str
) -> None:
    assert Reading(battery.CHEMISTRIES[there].open_mv[0], planned).fault == fault


def test_resistors_and_converter_have_five_per_cent() -> None:
    assert Reading(4_410, "lipo").fault is None
    assert Reading(4_411, "lipo").fault == "battery_too_high"
    assert most_mv("lipo") == 4_410
