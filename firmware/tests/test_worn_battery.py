"""A button and its cell: a low one is felt and told, a weak one costs no counters and no alert."""

from pathlib import Path

import pytest

from firmware.tests.worn import BATTERY_ADC, SECOND_US, Worn
from protocol import kinds
from protocol.constants import RESERVE_AT_POWER_UP
from protocol.kinds import BATTERY_LOW, FAULT, RESTORE, STORED
from protocol.messages import Condition
from tools.bench.currents import BOARDS, loads
from tools.virtual.battery import Battery
from tools.virtual.device import Power

DAY_S = 86_400
COLD_OHM = 12.0  # old and at -20 degrees: it carries the chip and not its radio


def told(worn: Worn) -> list[tuple[int, int]]:
    """Return the beginnings and ends of a low battery that were heard."""
    said = [heard.message for heard in worn.gateway.heard]
    return [
        (one.kind, one.value)
        for one in said
        if isinstance(one, Condition) and one.code == BATTERY_LOW
    ]


@pytest.mark.slow
def test_a_low_battery_is_felt_once_a_day_and_told_until_it_is_replaced(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = STORED
        worn.start(settle_s=3_600)
        assert worn.felt() == []
        worn.battery_mv = 2_650.0
        worn.world.run_for(0.9 * DAY_S)
        assert worn.felt() == ["low_battery"]
        worn.world.run_for(DAY_S)
        assert worn.felt() == ["low_battery"] * 2
        worn.battery_mv = 3_100.0
        worn.world.run_for(3_600)
        kinds_told = [kind for kind, _ in told(worn)]
        assert (kinds_told[0], kinds_told[-1]) == (FAULT, RESTORE)
        assert kinds_told.count(RESTORE) == 1
        felt = len(worn.felt())
        worn.world.run_for(DAY_S)
        assert len(worn.felt()) == felt


@pytest.mark.slow
def test_a_cell_too_weak_for_the_radio_costs_few_counters_and_no_alert(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = STORED
        cell = Battery("li_mno2", 1000, ohm=COLD_OHM)
        worn.device.fit_battery(cell, loads(BOARDS["c3 module"]))
        worn.device.fit_divider(BATTERY_ADC, 2_000)
        worn.device.power_on()
        worn.world.run_for(60)
        assert worn.device.supply is not None
        brown_outs = worn.device.supply.brown_outs
        assert brown_outs > 10, "the radio is more than it carries"
        assert worn.gateway.heard == []
        assert worn.reserved <= (brown_outs + 1) * RESERVE_AT_POWER_UP
        worn.device.fit_battery(Battery("li_mno2", 1000), loads(BOARDS["c3 module"]))
        assert worn.sleeps(30), "a warm one carries it"
        worn.raise_alert()
        assert worn.feels("received", 10)
        assert worn.kinds()[-1] == kinds.PANIC


@pytest.mark.slow
def test_an_alert_that_the_cell_cannot_carry_goes_on_when_it_can_again(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start(settle_s=5)
        worn.raise_alert()
        assert worn.until(lambda: kinds.PANIC in worn.kinds(), 5)
        worn.device.fit_battery(Battery("li_mno2", 1000, ohm=COLD_OHM), loads(BOARDS["c3 module"]))
        worn.world.run_for(30)
        assert worn.device.supply is not None
        assert worn.device.supply.brown_outs > 5
        first = worn.incidents()[0][0].counter
        weak_until_us = worn.now_us
        worn.device.fit_battery(Battery("li_mno2", 1000), loads(BOARDS["c3 module"]))
        worn.gateway.answer_op = STORED
        assert worn.feels("received", 20, weak_until_us)
        again = [
            ((heard.counter >> 4) - message.block) << 4
            for heard, message in worn.incidents(weak_until_us)
        ]
        assert set(again) == {first}, "it is the same alert"
        counters = [heard.counter for heard in worn.gateway.heard]
        assert len(counters) == len(set(counters))
        assert worn.now_us - weak_until_us < 30 * SECOND_US
        assert worn.device.power is not Power.OFF
