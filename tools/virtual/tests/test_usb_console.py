"""The console on a chip's USB, as firmware sees it and as a host does."""

from pathlib import Path

import pytest

from tools.virtual.chips import C3, S3, Chip
from tools.virtual.device import Device
from tools.virtual.tests.scripted import Scripted

BOTH = pytest.mark.parametrize("chip", [C3, S3], ids=lambda chip: chip.name)
BEGIN = """
import select, time
import sys

out = sys.stdout.buffer
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)

def timed(data):
    before = time.ticks_ms()
    taken = out.write(data)
    return taken, time.ticks_ms() - before
"""


class Plugged:
    """A board that runs a script; `arrived` is what its host got, piece by piece."""

    def __init__(self, folder: Path, chip: Chip, script: str) -> None:
        self.scripted = Scripted(folder)
        self.device: Device = self.scripted.board(BEGIN + script, chip=chip)
        self.arrived: list[bytes] = []
        self.device.on_uart = self.arrived.append

    def run(self, seconds: float = 10.0) -> list[str]:
        with self.scripted:
            self.device.power_on()
            self.scripted.world.run_for(seconds)
            return self.scripted.printed()


@BOTH
def test_bytes_pass_both_ways_whatever_they_are(tmp_path: Path, chip: Chip) -> None:
    script = """
byte = bytearray(1)
got = bytearray()
for _ in range(5):
    for _ in poll.ipoll(1000):
        pass
    sys.stdin.buffer.readinto(byte)
    got.extend(byte)
out.write(b"\\x00\\x03\\r\\n" + got)
print(list(got))
"""
    plugged = Plugged(tmp_path, chip, script)
    with plugged.scripted as scripted:
        plugged.device.power_on()
        scripted.world.run_for(1)
        plugged.device.uart_feed(b"\x00\x03\r\n\xff")
        scripted.world.run_for(1)
        assert scripted.printed() == ["[0, 3, 13, 10, 255]"]
    assert b"".join(plugged.arrived) == b"\x00\x03\r\n\x00\x03\r\n\xff"


@pytest.mark.parametrize("length", [64, 128])
def test_a_c3_write_of_whole_packets_stays_with_the_host(tmp_path: Path, length: int) -> None:
    plugged = Plugged(tmp_path, C3, f"out.write(bytes({length}))\ntime.sleep(5)\nout.write(b'x')")
    plugged.run(5)
    assert plugged.arrived == []
    plugged = Plugged(tmp_path, C3, f"out.write(bytes({length}))\nout.write(b'x')\ntime.sleep(1)")
    plugged.run(5)
    assert b"".join(plugged.arrived) == bytes(length) + b"x"


def test_an_s3_write_of_whole_packets_does_not(tmp_path: Path) -> None:
    plugged = Plugged(tmp_path, S3, "out.write(bytes(64))\ntime.sleep(1)")
    plugged.run(5)
    assert plugged.arrived == [bytes(64)]


def test_a_c3_waits_once_for_a_host_that_is_gone(tmp_path: Path) -> None:
    script = """
out.write(b"hello")
time.sleep(1)
print([timed(bytes(40)) for _ in range(4)])
"""
    plugged = Plugged(tmp_path, C3, script)
    with plugged.scripted as scripted:
        plugged.device.power_on()
        scripted.world.run_for(1)
        plugged.device.usb.unplug()
        scripted.world.run_for(5)
        assert scripted.printed() == ["[(40, 0), (40, 200), (40, 0), (40, 0)]"]


def test_an_s3_waits_for_a_host_that_has_it_open_and_does_not_read(tmp_path: Path) -> None:
    script = """
writable = select.poll()
writable.register(sys.stdout, select.POLLOUT)
print([timed(bytes(60))[0] for _ in range(6)], timed(b"x"), list(writable.ipoll(0)))
"""
    plugged = Plugged(tmp_path, S3, script)
    plugged.device.usb.hold()
    (line,) = plugged.run()
    assert line.startswith("[60, 60, 60, 60, 60, 20] (0, 500) []")


@BOTH
def test_console_on_uart_0_paces_what_is_long(tmp_path: Path, chip: Chip) -> None:
    (line,) = Plugged(tmp_path, chip, "print(timed(bytes(1000)))").run()
    taken, waited_ms = (int(part) for part in line.strip("()").split(","))
    assert taken == 1000
    assert waited_ms == pytest.approx((1000 - 128) * 10 / 115.2, abs=2)


def test_a_read_that_would_block_the_board_is_refused(tmp_path: Path) -> None:
    plugged = Plugged(tmp_path, C3, "sys.stdin.buffer.readinto(bytearray(2))")
    plugged.device.power_on()
    with plugged.scripted, pytest.raises(Exception, match="ended"):
        plugged.scripted.world.run_for(1)
    assert "block the board" in "".join(plugged.scripted.printed())
