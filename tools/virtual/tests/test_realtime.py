"""The world at the pace of the wall clock. What is asserted on time leaves a slow machine its slack."""

import os
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.virtual.chips import C3
from tools.virtual.device import Power
from tools.virtual.line import DeviceDied
from tools.virtual.realtime import RealTime
from tools.virtual.serial_port import SerialPort
from tools.virtual.tests.scripted import END
from tools.virtual.world import World

PATIENCE_S = 10.0
ECHO = """
import select
from machine import UART
uart = UART(1, 115200, tx=20, rx=21)
poll = select.poll()
poll.register(uart, select.POLLIN)
while True:
    poll.poll(-1)
    uart.write(uart.read())
"""


@pytest.fixture
def paced(tmp_path: Path) -> Iterator[RealTime]:
    world = RealTime(World(tmp_path))
    world.start()
    yield world
    world.stop()


def soon(happened: Callable[[], object]) -> bool:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if happened():
            return True
        time.sleep(0.01)
    return False


def script(tmp_path: Path, source: str) -> Path:
    path = tmp_path / "script.py"
    path.write_text(source + END)
    return path


def test_virtual_time_keeps_the_pace_of_the_wall_clock(paced: RealTime) -> None:
    begun_s = time.monotonic()
    begun_us = paced.do(lambda: paced.world.clock.now_us)
    time.sleep(0.3)
    passed_us = paced.do(lambda: paced.world.clock.now_us) - begun_us
    wall_us = (time.monotonic() - begun_s) * 1_000_000
    assert 300_000 * 0.9 <= passed_us <= wall_us + 1_000
    assert paced.unix_s(paced.do(lambda: paced.world.clock.now_us)) == pytest.approx(
        time.time(), abs=1.0
    )


def test_a_board_boots_and_sleeps_in_its_time(paced: RealTime, tmp_path: Path) -> None:
    main = script(tmp_path, "import time\ntime.sleep_ms(200)\n")
    device = paced.world.device("board", C3, main)
    powers: list[tuple[float, Power]] = []
    device.on_power = lambda power: powers.append((time.monotonic(), power))
    begun_s = time.monotonic()
    paced.do(device.power_on)
    assert soon(lambda: powers and powers[-1][1] is Power.SLEEPING)
    assert [power for _, power in powers][-3:] == [Power.BOOTING, Power.RUNNING, Power.SLEEPING]
    assert powers[-1][0] - begun_s >= 0.54


def test_what_is_done_in_the_world_returns_and_raises(paced: RealTime) -> None:
    assert paced.do(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        paced.do(lambda: 1 // 0)
    assert paced.do(lambda: 6) == 6


def read(descriptor: int) -> bytes:
    ready, _, _ = select.select([descriptor], [], [], PATIENCE_S)
    return os.read(descriptor, 100) if ready else b""


def echoed(path: Path, data: bytes) -> bytes:
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(descriptor, data)
        got = b""
        while len(got) < len(data) and (more := read(descriptor)):
            got += more
        return got
    finally:
        os.close(descriptor)


def test_serial_port_is_unplugged_and_comes_back_under_another_name(
    paced: RealTime, tmp_path: Path
) -> None:
    device = paced.world.device("board", C3, script(tmp_path, ECHO))
    port = paced.do(lambda: SerialPort(tmp_path / "ttyUSB0"))
    paced.do(lambda: paced.attach(port, device))
    paced.do(device.power_on)
    assert soon(lambda: device.power is Power.RUNNING)
    time.sleep(0.1)
    assert echoed(tmp_path / "ttyUSB0", b"hello") == b"hello"
    paced.do(port.unplug)
    assert not (tmp_path / "ttyUSB0").exists()
    paced.do(lambda: port.plug(tmp_path / "ttyUSB1"))
    assert echoed(tmp_path / "ttyUSB1", b"again") == b"again"
    paced.do(port.unplug)
    port.close()


def test_power_cuts_and_starts_in_any_order(paced: RealTime, tmp_path: Path) -> None:
    device = paced.world.device("board", C3, script(tmp_path, ECHO))
    for pause_s in (0.0, 0.05, 0.36, 0.4, 0.0):
        paced.do(device.power_on)
        time.sleep(pause_s)
        paced.do(device.power_cut)
    paced.do(device.power_on)
    assert soon(lambda: device.power is Power.RUNNING)
    assert paced.failure is None


def test_a_device_that_dies_is_reported_to_whoever_asks(paced: RealTime, tmp_path: Path) -> None:
    main = script(tmp_path, "import machine\nraise ValueError('by mistake')\n")
    device = paced.world.device("board", C3, main)
    paced.do(device.power_on)
    assert soon(lambda: paced.failure)
    with pytest.raises(DeviceDied, match=str(tmp_path / "board.log")):
        paced.do(lambda: 1)
