"""`machine.SPI`, and an SX1262 on the pins of a board, from the real MicroPython."""

from pathlib import Path

import pytest

from firmware.boards.pins import LoraPins
from tools.virtual.chips import C3, S3
from tools.virtual.device import Power
from tools.virtual.spi_bus import LOOK_US
from tools.virtual.tests.scripted import REFUSED, Scripted, run

WIRING = LoraPins(
    spi=1,
    sck=4,
    mosi=5,
    miso=6,
    cs=7,
    reset=8,
    busy=9,
    dio1=3,
    tcxo_mv=0,
    dio2_switch=True,
    power_pins=(),
    max_dbm=22,
)
POWERED = LoraPins(
    spi=1,
    sck=4,
    mosi=5,
    miso=6,
    cs=7,
    reset=8,
    busy=9,
    dio1=3,
    tcxo_mv=0,
    dio2_switch=True,
    power_pins=((10, 0),),
    max_dbm=22,
)
BUS = """
import time
from machine import Pin, SPI
spi = SPI(1, 8_000_000, sck=Pin(4), mosi=Pin(5), miso=Pin(6))
cs = Pin(7, Pin.OUT, value=1)
reset = Pin(8, Pin.OUT, value=1)
busy = Pin(9, Pin.IN)
def ready():
    begun = time.ticks_us()
    looks = 1
    while busy.value():
        looks += 1
    return time.ticks_us() - begun, looks
def command(*data, read=0):
    ready()
    cs(0)
    spi.write(bytes(data))
    answer = spi.read(read) if read else b""
    cs(1)
    return answer
"""


def on_chip(log_dir: Path, source: str, wiring: LoraPins = WIRING) -> tuple[list[str], list[str]]:
    """Run `source` beside a chip; return what it printed, and the faults of the chip."""
    with Scripted(log_dir) as scripted:
        board = scripted.board(BUS + source)
        chip = board.fit_lora(wiring)
        board.power_on()
        scripted.world.run_for(5)
        return scripted.printed(), chip.faults


def test_buses_that_the_chip_has_not(tmp_path: Path) -> None:
    source = REFUSED + (
        "from machine import SPI, Pin\n"
        "for number in (0, 1, 2, 3):\n"
        "    refused(ValueError, SPI, number, sck=Pin(4), mosi=Pin(5), miso=Pin(6))\n"
    )
    kinds = {}
    for chip in (C3, S3):
        log_dir = tmp_path / chip.name
        log_dir.mkdir()
        kinds[chip.name] = [line.split()[0] for line in run(log_dir, source, chip=chip)]
    assert kinds == {
        "esp32c3": ["ValueError", "allowed", "ValueError", "ValueError"],
        "esp32s3": ["ValueError", "allowed", "allowed", "ValueError"],
    }


def test_what_a_bus_takes_is_checked(tmp_path: Path) -> None:
    source = REFUSED + (
        "from machine import SPI, Pin\n"
        "pins = dict(sck=Pin(4), mosi=Pin(5), miso=Pin(6))\n"
        "refused(TypeError, SPI, 1, sck=4, mosi=5, miso=6)\n"
        "refused(ValueError, SPI, 1, bits=16, **pins)\n"
        "refused(ValueError, SPI, 1)\n"
        "bus = SPI(1, **pins)\n"
        "refused(ValueError, bus.write_readinto, bytes(2), bytearray(3))\n"
        "refused(ValueError, bus.write, b'')\n"
        "print(bus.read(3))\n"
        "bus.deinit()\n"
        "refused(OSError, bus.write, b'1')\n"
    )
    lines = run(tmp_path, source)
    assert [line.split()[0] for line in lines] == [
        "TypeError",
        "ValueError",
        "ValueError",
        "ValueError",
        "ValueError",
        "b'\\x00\\x00\\x00'",
        "OSError",
    ]


def test_a_transfer_may_come_in_pieces_and_every_way(tmp_path: Path) -> None:
    source = (
        "command(0x0E, 0, 1, 2, 3, 4)\n"
        "cs(0)\nspi.write(b'\\x1e\\x01\\x00')\nthree = bytearray(3)\nspi.readinto(three)\ncs(1)\n"
        "print(three)\n"
        "both = bytearray(6)\ncs(0)\nspi.write_readinto(b'\\x1e\\x00\\x00abc', both)\ncs(1)\n"
        "print(both[3:])\n"
        "print(command(0x1E, 2, 0, read=2))\n"
    )
    lines, faults = on_chip(tmp_path, source)
    assert lines == [
        "bytearray(b'\\x02\\x03\\x04')",
        "bytearray(b'\\x01\\x02\\x03')",
        "b'\\x03\\x04'",
    ]
    assert faults == []


def test_spinning_on_busy_takes_time_in_pieces(tmp_path: Path) -> None:
    lines, _ = on_chip(tmp_path, "reset(0)\ntime.sleep_us(200)\nreset(1)\nprint(*ready())\n")
    assert lines == [f"3500 {3_500 // LOOK_US}"]


def test_a_deadline_ends_the_wait_for_a_busy_that_is_stuck(tmp_path: Path) -> None:
    source = (
        "time.sleep_ms(100)\n"
        "begun = time.ticks_ms()\n"
        "while busy.value() and time.ticks_diff(time.ticks_ms(), begun) < 20:\n"
        "    pass\n"
        "print(time.ticks_diff(time.ticks_ms(), begun))\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(BUS + source)
        chip = board.fit_lora(WIRING)
        board.power_on()
        scripted.world.run_for(0.4)
        chip.stick_busy()
        scripted.world.run_for(5)
        assert scripted.printed() == ["20"]


def test_pins_that_are_not_those_of_the_chip_read_zeros(tmp_path: Path) -> None:
    source = (
        "spi = SPI(1, 8_000_000, sck=Pin(4), mosi=Pin(6), miso=Pin(5))\n"
        "print(command(0xC0, read=2))\n"
    )
    assert on_chip(tmp_path, source) == (["b'\\x00\\x00'"], [])


@pytest.mark.parametrize("named", ["polarity=1", "phase=1", "baudrate=20_000_000"])
def test_a_clock_that_the_chip_does_not_take_is_noted(tmp_path: Path, named: str) -> None:
    source = (
        f"spi = SPI(1, {named}, sck=Pin(4), mosi=Pin(5), miso=Pin(6))\n"
        "print(command(0xC0, read=1))\n"
    )
    lines, faults = on_chip(tmp_path, source)
    assert lines == ["b'\\x00'"]
    assert [fault[:3] for fault in faults] == ["8.2"]


def test_a_chip_behind_a_power_pin_answers_only_when_it_is_driven(tmp_path: Path) -> None:
    source = (
        "print(command(0xC0, read=1))\n"
        "Pin(10, Pin.OUT, value=0)\n"
        "print(ready()[0], command(0xC0, read=1))\n"
        "Pin(10, Pin.OUT, value=1)\n"
        "print(command(0xC0, read=1))\n"
    )
    lines, _ = on_chip(tmp_path, source, POWERED)
    assert lines == ["b'\\x00'", "3500 b'\"'", "b'\\x00'"]


def test_dio1_interrupts_and_wakes_and_the_chip_works_on_while_the_board_sleeps(
    tmp_path: Path,
) -> None:
    steps = round(869_525_000 * (1 << 25) / 32_000_000)
    source = f"""
import esp32, machine
if machine.wake_reason():
    print("woken", command(0x12, 0, read=2))
    command(2, 3, 255)
    command(0x80, 0)
    time.sleep(100)
for data in ((0x8A, 1), (0x98, 0xD7, 0xDB), {(0x86, *steps.to_bytes(4, "big"))},
             (0x8B, 9, 4, 1, 0), (0x8C, 0, 8, 0, 255, 1, 0), (0x9D, 1),
             (8, 0, 2, 0, 2, 0, 0, 0, 0), (0x82, 255, 255, 255)):
    command(*data)
ready()
dio1 = Pin(3, Pin.IN)
edges = []
dio1.irq(lambda pin: edges.append(pin.value()), Pin.IRQ_RISING)
time.sleep_ms(500)
print("edges", edges, command(0x12, 0, read=2))
command(2, 3, 255)
esp32.wake_on_gpio([dio1], esp32.WAKEUP_ANY_HIGH)
machine.deepsleep(60_000)
"""
    with Scripted(tmp_path) as scripted:
        board = scripted.board(BUS + source)
        chip = board.fit_lora(WIRING)
        other = scripted.world.lora.radio("other")
        board.power_on()
        scripted.world.run_for(0.5)
        other.transmit(bytes(15), 14.0)
        scripted.world.run_for(2.5)
        asleep = board.power
        other.transmit(bytes(15), 14.0)
        scripted.world.run_for(2)
        assert asleep is Power.SLEEPING
        assert scripted.printed() == ["edges [1] b'\\x00\\x02'", "woken b'\\x00\\x02'"]
        assert chip.faults == []
        assert board.energy.us()["lora rx"] > 2_000_000
        board.power_cut()
        assert chip.state == "off"
