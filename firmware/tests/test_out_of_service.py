"""A button without a key, on the virtual bench; what damage leads to it stands in test_power."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.tests.worn import MAIN_CONTACT, SECOND_CONTACT, Worn
from tools.virtual.device import Power

HOUR_S = 3_600


@pytest.fixture
def worn(tmp_path: Path) -> Iterator[Worn]:
    with Worn(tmp_path, loss=0.0) as made:
        made.device.nvs.erase("tocsin", "secret")
        yield made


def test_a_contact_that_stays_closed_empties_no_battery(worn: Worn) -> None:
    worn.device.drive(MAIN_CONTACT, 0)
    worn.device.power_on()
    assert worn.sleeps(15)
    worn.world.run_for(6 * HOUR_S)
    assert worn.device.power is Power.SLEEPING
    assert worn.device.boots <= 8, "it is looked at by the hour"
    assert worn.felt() == ["fault"]


def test_the_other_contact_is_still_felt_and_so_is_the_first_once_it_is_free(worn: Worn) -> None:
    worn.device.drive(MAIN_CONTACT, 0)
    worn.device.power_on()
    assert worn.sleeps(15)
    worn.press(1.0, SECOND_CONTACT)
    assert worn.sleeps(20)
    assert worn.felt() == ["fault"] * 2
    worn.device.drive(MAIN_CONTACT, 1)
    worn.world.run_for(1.1 * HOUR_S)
    worn.press(1.0)
    assert worn.sleeps(15)
    assert worn.felt() == ["fault"] * 3


def test_a_long_hold_does_not_bring_the_watchdog(worn: Worn) -> None:
    worn.device.power_on()
    assert worn.sleeps(15)
    boots = worn.device.boots
    worn.press(300)
    assert worn.sleeps(5)
    assert worn.device.boots == boots + 1
    assert worn.gateway.heard == []
