"""Time in each state is what passed, whatever switches when."""

from pathlib import Path

import pytest

from tools.virtual.chips import C3
from tools.virtual.energy import AWAKE, BLE, BLE_SCAN, BLE_TX, BOOT, OFF, SLEEP, Energy
from tools.virtual.tests.scripted import Scripted


def test_a_share_of_the_time_counts_as_that_share() -> None:
    now_us = 0
    energy = Energy(lambda: now_us)
    energy.enter(AWAKE)
    energy.switch(BLE_SCAN, 0.2)
    now_us = 1_000
    energy.switch(BLE_SCAN, 1.0)
    now_us = 1_500
    energy.switch(BLE_SCAN, 0.0)
    now_us = 2_000
    assert energy.us() == {OFF: 0.0, AWAKE: 2_000.0, BLE_SCAN: 700.0}
    assert energy.on() == {AWAKE: 1.0}


def test_what_settles_the_past_is_called_before_what_looks_at_the_new_state() -> None:
    energy = Energy(lambda: 0)
    seen: list[tuple[str, str]] = []
    energy.before = lambda: seen.append(("before", energy.cpu))
    energy.after = lambda: seen.append(("after", energy.cpu))
    energy.enter(BOOT)
    energy.enter(BOOT)
    assert seen == [("before", OFF), ("after", BOOT)]


def test_a_wake_with_the_radio_is_counted_in_all_its_parts(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        board = scripted.board(
            "import bluetooth, machine, time\n"
            "ble = bluetooth.BLE()\n"
            "ble.active(True)\n"
            "motor = machine.Pin(6, machine.Pin.OUT, value=1)\n"
            "ble.gap_scan(0, 300_000, 60_000)\n"
            "ble.gap_advertise(30_000, b'abc', connectable=False)\n"
            "time.sleep_ms(500)\n"
            "ble.gap_advertise(None)\n"
            "motor.off()\n"
            "time.sleep_ms(100)\n"
            "machine.deepsleep()\n"
        )
        board.power_on()
        scripted.world.run_for(2)
        ms = {name: us / 1000 for name, us in board.energy.us().items()}
    assert ms[BOOT] == C3.boot_us / 1000
    assert ms[AWAKE] == 800
    assert ms[SLEEP] == 2_000 - 350 - 800
    assert ms[BLE] == 168 + 600, "the radio has power from some way into its start"
    assert ms[BLE_SCAN] == pytest.approx(600 / 5)
    assert ms["pin 6"] == 500
    events = ms[BLE_TX] / (3 * (16 + 3) * 8 / 1000)
    assert events == pytest.approx(500 / 35, abs=2), "about one advertising event each 35 ms"


def test_another_clock_of_the_cpu_is_seen_and_ends_with_the_start(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        board = scripted.board(
            "import machine, time\n"
            "print(machine.freq())\n"
            "machine.freq(80_000_000)\n"
            "print(machine.freq())\n"
            "try:\n"
            "    machine.freq(240_000_000)\n"
            "except ValueError:\n"
            "    print('refused')\n"
            "time.sleep_ms(500)\n"
            "machine.deepsleep()\n"
        )
        board.power_on()
        scripted.world.run_for(5)
        assert scripted.printed() == ["160000000", "80000000", "refused"]
        assert board.energy.us()["80 MHz"] == 500_000
