"""The rim that every device has, on the real MicroPython: sleep, memory, voltage, power chip, watchdog."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.virtual.chips import C3, S3, Chip
from tools.virtual.device import Power
from tools.virtual.tests.scripted import REFUSED, Scripted

SLEEPS = """
import machine
from firmware.hal import power
from firmware.hal.pulled import open_pins
print("cause", power.start_cause())
power.deep_sleep({ms}, open_pins({gpios}))
"""


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Scripted]:
    with Scripted(tmp_path) as made:
        yield made


@pytest.mark.parametrize(("chip", "gpios"), [(C3, (3, 4)), (S3, (4, 5))])
def test_either_contact_and_the_timer_end_deep_sleep(
    scripted: Scripted, chip: Chip, gpios: tuple[int, ...]
) -> None:
    board = scripted.board(SLEEPS.format(ms=60_000, gpios=gpios), chip=chip)
    board.power_on()
    scripted.world.run_for(2)
    for gpio in gpios:
        assert board.power is Power.SLEEPING
        board.drive(gpio, 0)
        scripted.world.run_for(0.1)
        board.drive(gpio, 1)
        scripted.world.run_for(2)
    scripted.world.run_for(62)
    # 0 power-up, 1 by a pin, 2 by the timer
    assert scripted.printed() == ["cause 0", "cause 1", "cause 1", "cause 2"]


@pytest.mark.parametrize(("chip", "gpio"), [(C3, 6), (S3, 33)])
def test_a_pin_that_cannot_wake_the_chip_is_refused(
    scripted: Scripted, chip: Chip, gpio: int
) -> None:
    said = scripted.run(
        REFUSED + "import machine\nfrom firmware.hal import power\n"
        f"refused(ValueError, power.deep_sleep, 1000, [machine.Pin({gpio}, machine.Pin.IN)])\n",
        chip=chip,
    )
    assert said[0].startswith("ValueError invalid pin")


def test_each_area_of_rtc_memory_is_its_own_and_survives_sleep(scripted: Scripted) -> None:
    said = scripted.run(
        "from firmware.hal import power\n"
        "areas = (power.SNAPSHOT, power.HEALTH, power.LEDGER)\n"
        "if power.start_cause() == power.POWER_UP:\n"
        "    print([power.kept(area) for area in areas])\n"
        "    for area in areas:\n"
        "        power.keep(bytes([area[1]]) * (area[1] - 2), area)\n"
        "    power.keep(b'next')\n"
        "    power.deep_sleep(1000, [])\n"
        "print(power.kept(), [power.kept(a) == bytes([a[1]]) * (a[1] - 2) for a in areas[1:]])\n"
        "try:\n"
        "    power.keep(bytes(power.HEALTH[1] - 1), power.HEALTH)\n"
        "except ValueError as error:\n"
        "    print(error)\n"
    )
    assert said[:3] == [
        "[b'', b'', b'']",
        "b'next' [True, True]",
        "record too long for RTC memory",
    ]


def test_areas_of_rtc_memory_do_not_overlap(scripted: Scripted) -> None:
    said = scripted.run(
        "from firmware.hal import power\n"
        "at = 0\n"
        "for start, length in (power.SNAPSHOT, power.HEALTH, power.LEDGER):\n"
        "    print(start == at)\n"
        "    at += length\n"
        "print(at == power._ALL)\n"
    )
    assert said == ["True"] * 4


def test_nonsense_in_rtc_memory_is_no_record(scripted: Scripted) -> None:
    board = scripted.board(
        "from firmware.hal import power\n"
        "print([len(power.kept(area)) for area in (power.SNAPSHOT, power.HEALTH, power.LEDGER)])\n"
    )
    board.power_on()
    board.memories.rtc = b"\xff" * 2048
    scripted.world.run_for(1)
    assert scripted.printed() == ["[0, 0, 0]"]


FAKE_ADC = """
import machine
readings = [{readings}]
class Fake:
    ATTN_11DB = 3
    def __init__(self, pin, *, atten):
        assert atten == 3
    def read_uv(self):
        return readings.pop(0)
machine.ADC = Fake
from firmware.hal.adc import Adc, Gauge
from firmware.boards.pins import BatteryPins
"""


def test_a_voltage_is_the_median_of_some_readings(scripted: Scripted) -> None:
    fake = FAKE_ADC.format(readings="1_500_000, 0, 1_501_000, 3_100_000, 1_502_999")
    assert scripted.run(fake + "print(Adc(0).millivolts())\n") == ["1501"]


def test_a_divider_is_on_only_while_it_is_read(scripted: Scripted) -> None:
    fake = FAKE_ADC.format(readings="850_000, " * 5)
    board = scripted.board(
        fake + "pins = BatteryPins(adc=0, ratio_1000=4_900, enable=5, enable_level=0)\n"
        "print(Gauge(pins).millivolts())\n"
    )
    levels: list[int] = []
    board.watch(5, levels.append)
    board.power_on()
    scripted.world.run_for(2)
    assert scripted.printed() == ["4165"]
    assert levels[:3] == [1, 0, 1]


def test_the_power_chip_feeds_the_radio_and_nothing_that_is_not_used(scripted: Scripted) -> None:
    said = scripted.run(
        "import machine\n"
        "registers = {0x90: 0xBF, 0x94: 0}\n"
        "class Fake:\n"
        "    def __init__(self, number, *, sda, scl, freq):\n"
        "        print(sda.gpio, scl.gpio)\n"
        "    def writeto_mem(self, address, register, data):\n"
        "        assert address == 0x34\n"
        "        registers[register] = data[0]\n"
        "    def readfrom_mem(self, address, register, count):\n"
        "        return bytes([registers[register]])\n"
        "machine.I2C = Fake\n"
        "from firmware.boards import lilygo_tbeam_supreme\n"
        "lilygo_tbeam_supreme.prepare()\n"
        "print(hex(registers[0x90]), 500 + 100 * registers[0x94])\n",
        chip=S3,
    )
    assert said == ["42 41", "0xa6 3300"]


def test_a_power_chip_that_does_not_answer_stops_nothing(scripted: Scripted) -> None:
    said = scripted.run(
        "import machine\n"
        "class Fake:\n"
        "    def __init__(self, number, **pins):\n"
        "        pass\n"
        "    def writeto_mem(self, *rest):\n"
        "        raise OSError(19)\n"
        "machine.I2C = Fake\n"
        "from firmware.hal import axp2101\n"
        "print(axp2101.feed_radio(42, 41))\n",
        chip=S3,
    )
    assert said == ["False"]
