"""Standard input and output as a line, on the real MicroPython and a virtual USB port."""

from pathlib import Path

import pytest

from tools.virtual.chips import C3, S3, Chip
from tools.virtual.device import Device
from tools.virtual.tests.scripted import Scripted

BOTH = pytest.mark.parametrize("chip", [C3, S3], ids=lambda chip: chip.name)
BEGIN = "import time\nfrom firmware.hal.usb_stdio import UsbStdio\nline = UsbStdio()\n"


def board(scripted: Scripted, chip: Chip, script: str) -> tuple[Device, list[bytes]]:
    """Return a running board and what arrives at its host."""
    device = scripted.board(BEGIN + script, chip=chip)
    arrived: list[bytes] = []
    device.on_uart = arrived.append
    device.power_on()
    return device, arrived


@BOTH
@pytest.mark.parametrize("length", [1, 37, 63, 64, 65, 128, 192])
def test_a_write_of_any_length_comes_at_once(tmp_path: Path, chip: Chip, length: int) -> None:
    script = f"print(line.write(b'm' * {length}))\ntime.sleep(9)"
    with Scripted(tmp_path) as scripted:
        _, arrived = board(scripted, chip, script)
        scripted.world.run_for(2)
        assert scripted.printed() == ["True"]
        assert b"".join(arrived).rstrip(b"\0") == b"m" * length


@BOTH
def test_reading_takes_what_is_there_and_does_not_wait(tmp_path: Path, chip: Chip) -> None:
    script = """
before = time.ticks_ms()
print(line.read(), time.ticks_ms() - before)
time.sleep(2)
print(len(line.read()), len(line.read()), line.read(), time.ticks_ms() - before)
"""
    with Scripted(tmp_path) as scripted:
        device, _ = board(scripted, chip, script)
        scripted.world.run_for(1)
        device.uart_feed(bytes(range(256)) * 2)
        scripted.world.run_for(5)
        assert scripted.printed() == ["b'' 0", "260 252 b'' 2000"]


def test_what_a_host_does_not_read_is_refused(tmp_path: Path) -> None:
    script = """
before = time.ticks_ms()
said = [line.write(bytes(40)) for _ in range(20)]
print(said.count(True), said[-1], time.ticks_ms() - before < 600)
"""
    with Scripted(tmp_path) as scripted:
        device = scripted.board(BEGIN + script, chip=S3)
        device.usb.hold()
        device.power_on()
        scripted.world.run_for(5)
        assert scripted.printed() == ["8 False True"]
