"""Sleeping and waking: pins, timers, a clock that drifts, and what a chip must not do."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.virtual.chips import C3, S3
from tools.virtual.device import Power
from tools.virtual.tests.scripted import REFUSED, Scripted, run

EXT0, EXT1, TIMER = 2, 3, 4


@pytest.mark.parametrize(("ppm", "slept_s"), [(0, 1000.0), (50_000, 952.381), (-50_000, 1052.632)])
def test_a_slow_clock_that_drifts_bends_sleeps_and_seconds_but_not_ticks(
    tmp_path: Path, ppm: int, slept_s: float
) -> None:
    source = (
        "import machine, time\n"
        "time.sleep(100)\n"
        "print(machine.wake_reason(), time.ticks_ms(), time.time())\n"
        "if not machine.wake_reason():\n"
        "    machine.deepsleep(1_000_000)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.rtc.ppm = ppm
        woken: list[int] = []
        board.on_power = lambda power: (
            woken.append(scripted.world.clock.now_us) if power is Power.BOOTING else None
        )
        board.power_on()
        scripted.world.run_for(1500)
        # the button's own clock counts 1,000 s of sleep whatever they were
        assert scripted.printed() == ["0 100350 100", "4 100350 1200"]
        assert (woken[1] - 100_350_000) / 1_000_000 == pytest.approx(slept_s, abs=0.001)


def test_a_press_in_a_drifting_sleep_is_told_by_the_slow_clock(tmp_path: Path) -> None:
    source = (
        "import esp32, machine, time\n"
        "print(machine.wake_reason(), time.time())\n"
        "esp32.wake_on_gpio([machine.Pin(3, machine.Pin.IN)], esp32.WAKEUP_ALL_LOW)\n"
        "machine.deepsleep(100_000_000)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.rtc.ppm = 50_000
        board.power_on()
        scripted.world.run_for(10_000)
        board.drive(3, 0)
        scripted.world.run_for(1)
        board.drive(3, 1)
        assert scripted.printed()[:2] == ["0 0", "7 10500"]


@pytest.mark.parametrize(
    ("tells", "printed"), [(True, ["()", "(4,)", "(3,)", "()"]), (False, ["not told"] * 4)]
)
def test_micropython_tells_from_1_29_on_which_pins_woke_it(
    tmp_path: Path, tells: bool, printed: list[str]
) -> None:
    source = (
        "import esp32, machine\n"
        "from machine import Pin\n"
        "print(machine.wake_pins() if hasattr(machine, 'wake_pins') else 'not told')\n"
        "esp32.wake_on_gpio([Pin(3, Pin.IN), Pin(4, Pin.IN)], esp32.WAKEUP_ALL_LOW)\n"
        "machine.deepsleep(10_000)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source, chip=replace(C3, tells_wake_pins=tells))
        board.drive(3, 1)
        board.drive(4, 1)
        board.power_on()
        scripted.world.run_for(1)
        board.drive(4, 0)
        board.drive(4, 1)
        scripted.world.run_for(1)
        board.drive(3, 0)
        board.drive(4, 0)  # while it boots: that has not woken it
        board.drive(3, 1)
        board.drive(4, 1)
        scripted.world.run_for(11)
        assert scripted.printed() == printed


def test_an_s3_wakes_by_any_of_its_rtc_pins_and_refuses_the_others(tmp_path: Path) -> None:
    source = REFUSED + (
        "import esp32, machine\n"
        "from machine import Pin\n"
        "print(hasattr(esp32, 'wake_on_gpio'), machine.wake_reason())\n"
        "for gpio in (21, 33, 38):\n"
        "    pins = [Pin(gpio, Pin.IN)]\n"
        "    refused(ValueError, esp32.wake_on_ext1, pins, esp32.WAKEUP_ALL_LOW)\n"
        "refused(ValueError, esp32.wake_on_ext0, Pin(33, Pin.IN), esp32.WAKEUP_ALL_LOW)\n"
        "esp32.wake_on_ext1([Pin(2, Pin.IN), Pin(4, Pin.IN)], esp32.WAKEUP_ALL_LOW)\n"
        "esp32.wake_on_ext0(Pin(7, Pin.IN), esp32.WAKEUP_ANY_HIGH)\n"
        "machine.deepsleep()\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source, chip=S3)
        board.drive(7, 0)
        board.power_on()
        scripted.world.run_for(1)
        for gpio, level in ((4, 0), (7, 1)):
            board.drive(gpio, level)
            scripted.world.run_for(0.1)
            board.drive(gpio, 1 - level)
            scripted.world.run_for(1)
        lines = scripted.printed()
    refusals = [line for line in lines if line.startswith(("allowed", "ValueError"))][:4]
    assert [line.split()[0] for line in refusals] == [
        "allowed",
        "ValueError",
        "ValueError",
        "ValueError",
    ]
    assert [line for line in lines if line.startswith("False")] == [
        "False 0",
        f"False {EXT1}",
        f"False {EXT0}",
    ]


def test_light_sleep_keeps_everything_and_says_what_ended_it(tmp_path: Path) -> None:
    source = (
        "import esp32, machine, time\n"
        "esp32.wake_on_gpio([machine.Pin(3, machine.Pin.IN)], esp32.WAKEUP_ALL_LOW)\n"
        "kept = [1, 2]\n"
        "for _ in range(2):\n"
        "    machine.lightsleep(2_000)\n"
        "    print(machine.wake_reason(), time.ticks_ms(), kept)\n"
        "    time.sleep_ms(500)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.power_on()
        scripted.world.run_for(1)
        assert board.power is Power.LIGHT_SLEEP
        board.drive(3, 0)
        scripted.world.run_for(0.1)
        board.drive(3, 1)
        scripted.world.run_for(5)
        assert board.boots == 1
        assert scripted.printed() == ["7 1000 [1, 2]", "4 3500 [1, 2]"]
        assert board.faults == []


def test_light_sleep_with_ble_on_is_refused_and_remembered(tmp_path: Path) -> None:
    source = (
        "import _air, bluetooth, machine\n"
        "bluetooth.BLE().active(True)\n"
        "try:\n"
        "    machine.lightsleep(1_000)\n"
        "except _air.Refused as error:\n"
        "    print(error)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.power_on()
        scripted.world.run_for(5)
        assert scripted.printed() == ["light sleep while BLE is active"]
        assert board.faults == ["light sleep while BLE is active"]


def test_the_watchdog_waits_for_the_end_of_a_light_sleep(tmp_path: Path) -> None:
    source = (
        "import machine, time\n"
        "print(machine.reset_cause())\n"
        "machine.WDT(timeout=1_000)\n"
        "machine.lightsleep(5_000)\n"
        "print(time.ticks_ms())\n"
        "time.sleep(5)\n"
    )
    assert run(tmp_path, source, 7.0)[:3] == ["1", "5350", "3"]


def test_a_held_output_keeps_its_level_through_deep_sleep(tmp_path: Path) -> None:
    source = (
        "import esp32, machine\n"
        "from machine import Pin\n"
        "Pin(6, Pin.OUT, value=1)\n"
        "Pin(7, Pin.OUT, value=1, hold=True)\n"
        "esp32.gpio_deep_sleep_hold(True)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        levels: dict[int, list[int]] = {6: [], 7: []}
        for gpio, seen in levels.items():
            board.watch(gpio, seen.append)
        board.power_on()
        scripted.world.run_for(2)
        assert board.power is Power.SLEEPING
        assert levels == {6: [1, 0], 7: [1]}
        board.power_cut()
        assert levels[7] == [1, 0]


def test_only_pins_of_the_first_converter_measure_and_only_as_far_as_their_attenuation(
    tmp_path: Path,
) -> None:
    source = REFUSED + (
        "from machine import ADC, Pin\n"
        "for gpio in (0, 5, 20):\n"
        "    refused(ValueError, ADC, Pin(gpio))\n"
        "refused(ValueError, ADC, Pin(0), atten=4)\n"
        "adc = ADC(Pin(0))\n"
        "print(adc.read_uv())\n"
        "adc.atten(ADC.ATTN_11DB)\n"
        "print(adc.read_uv() // 1000)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.analog.sources[0] = lambda: 2000.0
        board.power_on()
        scripted.world.run_for(2)
        *checks, clipped, whole = scripted.printed()
    assert [line.split()[0] for line in checks] == ["allowed"] + ["ValueError"] * 3
    assert clipped == "750000", "0 dB sees no further"
    assert abs(int(whole) - 2000) < 40
