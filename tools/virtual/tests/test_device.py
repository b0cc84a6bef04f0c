"""Power, and what happens at the same moment."""

from pathlib import Path

import pytest

from firmware.core import records, settings
from tools.virtual.chips import C3
from tools.virtual.device import PWRON_RESET, WDT_RESET, Power
from tools.virtual.line import DeviceDied
from tools.virtual.tests.scripted import Scripted
from tools.virtual.world import World

WAITS = "import time\nprint('up')\ntime.sleep(100)\n"


def test_power_goes_through_boot_to_running_and_off(tmp_path: Path) -> None:
    powers: list[tuple[int, Power]] = []
    with Scripted(tmp_path) as scripted:
        board = scripted.board(WAITS)
        board.on_power = lambda power: powers.append((scripted.world.clock.now_us, power))
        board.power_on()
        board.power_on()
        scripted.world.run_for(1)
        board.power_cut()
        assert board.boots == 1
    assert powers[:3] == [
        (0, Power.BOOTING),
        (C3.boot_us, Power.RUNNING),
        (1_000_000, Power.OFF),
    ]


def test_power_cut_during_boot_leaves_it_off(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        board = scripted.board(WAITS)
        board.power_on()
        scripted.world.run_for(0.2)
        board.power_cut()
        scripted.world.run_for(5)
        assert board.power is Power.OFF
        assert scripted.printed() == []


@pytest.mark.parametrize(
    "last", ["machine.reset()", "machine.deepsleep(1)", "wake(); machine.deepsleep()"]
)
def test_power_cut_at_the_moment_of_a_reset_or_sleep_leaves_it_off(
    tmp_path: Path, last: str
) -> None:
    source = (
        "import esp32, machine, time\n"
        "def wake():\n"
        "    esp32.wake_on_gpio([machine.Pin(3, machine.Pin.IN)], esp32.WAKEUP_ALL_LOW)\n"
        f"time.sleep(1)\n{last}\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.drive(3, 0)
        board.power_on()
        cut_us = C3.boot_us + 1_000_000

        def cut_just_after() -> None:
            scripted.world.clock.after(0, board.power_cut)

        scripted.world.clock.at(cut_us, cut_just_after)
        scripted.world.run_for(10)
        assert board.power is Power.OFF
        assert board.boots == 1


def test_events_at_the_moment_of_a_reset_do_not_reach_the_next_start(tmp_path: Path) -> None:
    source = (
        "import machine, time\n"
        "print(machine.reset_cause())\n"
        "machine.Pin(3, machine.Pin.IN).irq(lambda _pin: print('edge'))\n"
        "time.sleep(100)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.power_on()
        scripted.world.run_for(1)
        board.drive(3, 0)
        board._start(WDT_RESET, 0)
        scripted.world.run_for(1)
        assert scripted.printed() == [str(PWRON_RESET), str(WDT_RESET)]


def test_an_event_at_the_end_of_a_wait_is_answered_once(tmp_path: Path) -> None:
    source = (
        "import machine, time\n"
        "machine.Pin(3, machine.Pin.IN).irq(lambda _pin: print('edge', time.ticks_ms()))\n"
        "time.sleep_ms(1_000)\n"
        "print('first', time.ticks_ms())\n"
        "time.sleep_ms(1_000)\n"
        "print('second', time.ticks_ms())\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        scripted.world.clock.at(C3.boot_us + 1_000_000, lambda: board.drive(3, 0))
        board.power_on()
        scripted.world.run_for(5)
        assert scripted.printed() == ["edge 1350", "first 1350", "second 2350"]


def test_a_device_that_dies_is_reported_with_its_log(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        board = scripted.board("import machine\nraise ValueError('by mistake')\n")
        board.power_on()
        with pytest.raises(DeviceDied, match=str(tmp_path / "board.log")):
            scripted.world.run_for(1)
        assert scripted.printed()[-1] == "ValueError: by mistake"


def test_a_call_the_air_does_not_know_is_refused(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        lines = scripted.run(
            "import _air\n"
            "try:\n"
            "    _air.call('teleport')\n"
            "except _air.Refused as error:\n"
            "    print(error)\n"
        )
    assert lines == ["unknown call teleport"]


def trace(log_dir: Path, seed: int) -> list[tuple[object, ...]]:
    """Return all that can be seen of two buttons in a busy minute."""
    seen: list[tuple[object, ...]] = []
    with World(log_dir, seed=seed) as world:
        spy = world.ble.radio(
            "spy",
            lambda report: seen.append(
                (world.clock.now_us, report.rssi, report.address, report.data)
            ),
        )
        spy.scan(30_000, 30_000)
        for number in (1, 2):
            device = world.device(f"button {number}", C3)
            values: dict[str, int | str] = {"heartbeat_s": 20}
            secret = records.pack_secret(bytes([number]) * 16, 0)
            device.nvs.set("tocsin", "settings", "blob", settings.pack(values))
            device.nvs.set("tocsin", "secret", "blob", secret)
            device.watch(6, lambda level: seen.append((world.clock.now_us, level)))
            device.power_on()
            world.run_for(7)
            device.drive(3, 0)
            world.run_for(1)
            device.drive(3, 1)
        world.run_for(8)
    return seen


@pytest.mark.slow
def test_the_same_seed_repeats_a_run_to_the_byte(tmp_path: Path) -> None:
    first = trace(tmp_path, 4)
    assert len(first) > 200
    assert trace(tmp_path, 4) == first
    assert trace(tmp_path, 5) != first
