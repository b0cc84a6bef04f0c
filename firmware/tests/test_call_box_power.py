"""Cuts, resets, flash, battery and self-test of a call box, on the real MicroPython."""

import random
from pathlib import Path

import pytest

from firmware.core import records
from firmware.tests.boxed import KEY, PINS, SECOND_US, Boxed, first_of, kind_of
from protocol.constants import COUNTER_LIMIT, RESERVE_AT_POWER_UP
from protocol.kinds import (
    ACKNOWLEDGED,
    BATTERY_LOW,
    CABINET_OPEN,
    EMERGENCY,
    FAULT,
    HEARTBEAT,
    SELF_TEST_FAILED,
    SETTINGS_BROKEN,
    STORAGE_FAILED,
    STORED,
    TAMPER,
    TESTED_BATTERY,
    TESTED_RADIO,
)
from tools.virtual.device import WDT_RESET

DAY_S = 86_400
ESP_FAIL = -1


def assert_no_counter_twice(box: Boxed) -> None:
    frames: dict[int, set[bytes]] = {}
    for heard in box.gateway.heard:
        frames.setdefault(heard.counter, set()).add(heard.frame)
    assert all(len(found) == 1 for found in frames.values())
    counters = [heard.counter for heard in box.gateway.heard]
    assert counters == sorted(counters)


@pytest.mark.parametrize("end", ["cut", "reset"])
def test_power_gone_in_a_call_goes_on_with_the_same_call(tmp_path: Path, end: str) -> None:
    with Boxed(tmp_path) as box:
        box.start()
        box.press()
        call = box.waits_for(EMERGENCY, 5)
        assert call is not None
        box.open(PINS.tamper)
        assert box.waits_for(TAMPER, 10)
        box.run(1)
        restart(box, end)
        since_us = box.now_us
        assert box.waits_for(EMERGENCY, 10, since_us)
        box.run(20)
        assert {first_of(heard) for heard in box.heard(EMERGENCY)} == {call.counter}
        assert len({first_of(heard) for heard in box.heard(TAMPER)}) == 1
        assert box.blinks(2)
        assert not box.level("siren")
        assert_no_counter_twice(box)
        box.gateway.answer_op = ACKNOWLEDGED
        box.run(120)
        restart(box, end)
        since_us = box.now_us
        box.run(100)
        assert box.heard(EMERGENCY, since_us) == box.heard(TAMPER, since_us) == []


def restart(box: Boxed, end: str) -> None:
    if end == "cut":
        box.device.power_cut()
        box.run(2)
        box.device.power_on()
    else:
        box.device._start(WDT_RESET, 0)


@pytest.mark.slow
def test_no_counter_twice_over_power_cuts_and_resets(tmp_path: Path) -> None:
    rng = random.Random(21)
    with Boxed(tmp_path) as box:
        for _ in range(40):
            box.gateway.answer_op = rng.choice([None, STORED, ACKNOWLEDGED])
            box.device.power_on()
            box.run(rng.uniform(0.0, 4.0))
            if rng.random() < 0.7:
                box.press(rng.uniform(0.05, 0.5))
            if rng.random() < 0.3:
                box.open(PINS.tamper)
            box.run(rng.uniform(0.0, 4.0))
            box.close(PINS.tamper)
            restart(box, rng.choice(["cut", "reset"]))
        assert len(box.heard(EMERGENCY)) > 40
        assert_no_counter_twice(box)


@pytest.mark.slow
def test_a_brown_out_loop_reserves_little(tmp_path: Path) -> None:
    with Boxed(tmp_path) as box:
        for _ in range(12):
            box.device.power_on()
            box.run(1.0)
            box.device.power_cut()
        record = box.device.nvs.get("tocsin", "secret", "blob")
        assert isinstance(record, bytes)
        secret = records.unpack_secret(record)
        assert secret is not None
        assert secret[1] <= 13 * RESERVE_AT_POWER_UP


@pytest.mark.slow
def test_a_fault_that_was_told_is_not_told_again_after_a_reset_and_its_end_is(
    tmp_path: Path,
) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        box.open(PINS.cabinet)
        box.run(10)
        assert len(box.heard(FAULT)) == 1
        restart(box, "cut")
        box.run(100)
        assert len(box.heard(FAULT)) == 1
        box.device.power_cut()
        box.close(PINS.cabinet)
        box.device.power_on()
        box.run(20)
        assert box.told() == [("fault", CABINET_OPEN, 0), ("restore", CABINET_OPEN, 0)]


@pytest.mark.slow
def test_daily_it_shines_and_chirps_and_nothing_is_wrong(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED, heartbeat_s=7_200) as box:
        box.start()
        assert box.changes == []
        box.run(DAY_S + 1_000)
        lamp = [at for at, name, level in box.changes if name == "lamp" and level]
        chirps = [at for at, name, level in box.changes if name == "siren" and level]
        assert len(lamp) == len(chirps) == 1
        assert DAY_S <= lamp[0] / SECOND_US <= DAY_S + 1_000
        assert box.told() == []


@pytest.mark.slow
def test_a_self_test_tells_of_a_tired_battery_and_of_a_day_without_gateway(tmp_path: Path) -> None:
    with Boxed(tmp_path, heartbeat_s=7_200) as box:
        box.device.watch(PINS.siren, lambda level: weaken(box, level))
        box.start(DAY_S + 1_000)
        assert box.told()[0] == ("fault", SELF_TEST_FAILED, TESTED_BATTERY | TESTED_RADIO)


def weaken(box: Boxed, siren: int) -> None:
    box.battery_mv = 3_500.0 if siren else 4_100.0


@pytest.mark.slow
def test_a_low_battery_is_told_and_a_critical_one_saves_the_siren(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        box.battery_mv = 3_600.0
        box.run(70)
        assert [told[:2] for told in box.told()] == [("fault", BATTERY_LOW)]
        box.battery_mv = 3_200.0
        box.run(70)
        box.press()
        assert box.waits_for(EMERGENCY, 5)
        assert not box.level("siren")
        assert box.blinks(2)
        box.battery_mv = 4_100.0
        box.run(70)
        assert box.told()[-1][:2] == ("restore", BATTERY_LOW)


def test_broken_settings_are_told_and_the_box_works_with_what_is_right(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED, siren_s=5_000) as box:
        box.start()
        assert box.told() == [("fault", SETTINGS_BROKEN, 0)]
        box.press()
        assert box.waits_for(EMERGENCY, 5)


@pytest.mark.parametrize("damage", ["missing", "used up"])
def test_without_a_secret_it_shows_so_and_never_transmits(tmp_path: Path, damage: str) -> None:
    with Boxed(tmp_path) as box:
        if damage == "missing":
            box.device.nvs.erase("tocsin", "secret")
        else:
            full = records.pack_secret(KEY, COUNTER_LIMIT)
            box.device.nvs.set("tocsin", "secret", "blob", full)
        box.start(5)
        box.press()
        assert set(box.blinks(25)) == {900}
        assert box.gateway.hearings == []
        assert box.log.read_text() == ""


def test_flash_that_does_not_take_what_is_written_is_told(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start(100)
        box.device.nvs.fail = [ESP_FAIL] * 100
        box.press()
        assert box.waits_for(EMERGENCY, 5)
        box.run(30)
        assert ("fault", STORAGE_FAILED, 0) in box.told()
        box.device.nvs.fail = []
        box.run(30)
        assert ("restore", STORAGE_FAILED, 0) in box.told()


@pytest.mark.slow
def test_a_call_for_which_flash_gives_no_counter_is_made_as_soon_as_it_does(
    tmp_path: Path,
) -> None:
    with Boxed(tmp_path, answer=STORED, reserved=5) as box:
        box.start(10)
        box.device.nvs.fail = [ESP_FAIL] * 100
        box.press()
        box.run(30)
        assert box.heard(EMERGENCY) == []
        assert 125 in box.blinks(1), "and it goes on calling"
        box.device.nvs.fail = []
        assert box.waits_for(EMERGENCY, 7)
        assert_no_counter_twice(box)


@pytest.mark.slow
def test_flash_is_written_a_few_times_a_call_and_hardly_while_nothing_happens(
    tmp_path: Path,
) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start(100)
        writes = box.device.nvs.writes
        box.run(DAY_S / 12)
        beats = len(box.heard(HEARTBEAT))
        assert box.device.nvs.writes - writes <= beats / 32 + 1
        writes = box.device.nvs.writes
        box.press()
        box.run(300)
        box.gateway.answer_op = ACKNOWLEDGED
        box.run(300)
        assert 2 <= box.device.nvs.writes - writes <= 6
        assert kind_of(box.gateway.heard[-1].message) in (EMERGENCY, HEARTBEAT)


@pytest.mark.slow
def test_the_airtime_of_an_hour_counts_on_after_a_reset_and_never_stops_a_call(
    tmp_path: Path,
) -> None:
    """At SF 12 a heartbeat every 10 s uses what is not kept for alerts in a quarter of an hour."""
    with Boxed(tmp_path, answer=STORED, lora_sf=12, heartbeat_s=10) as box:
        box.start(settle_s=1_200)
        used_us = box.now_us
        box.run(120)
        assert box.heard(since_us=used_us) == []
        box.device.bite()
        box.run(300)
        assert box.heard(since_us=used_us) == []
        box.gateway.answer_op = ACKNOWLEDGED
        pressed_us = box.press()
        assert box.waits_for(EMERGENCY, 10, pressed_us)
        box.run(60)  # a person has it: it ends, and would keep no heartbeat from going
        box.device.power_cut()
        box.run(3)
        box.device.power_on()
        cut_us = box.now_us
        box.run(900)
        beats = box.heard(HEARTBEAT, cut_us)
        assert 10 < len(beats) < 30, "nobody knows what was used before: it is taken for 60 s"
