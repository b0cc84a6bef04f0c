"""The adapter between a virtual air at the wall clock's pace and a guest, which is a socket here."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.virtual.ble_air import Report
from tools.virtual.guest import hci
from tools.virtual.guest.adapter import Adapter
from tools.virtual.guest.crowd import Crowd
from tools.virtual.realtime import RealTime
from tools.virtual.world import World

ADDRESS = bytes.fromhex("c0ffee000001")
RESET = b"\x01\x03\x0c\x00"
SCAN = b"\x01\x0c\x20\x02\x01\x00"
PATIENCE_S = 10.0


class Host:
    """What the guest does with the socket."""

    def __init__(self, path: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()

    def accept(self) -> socket.socket:
        line, _ = self._listener.accept()
        line.settimeout(PATIENCE_S)
        return line

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RealTime]:
    world = RealTime(World(tmp_path, loss=0.0))
    world.start()
    yield world
    world.stop()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path / "hci.sock")
    yield host
    host.close()


@pytest.fixture
def adapter(world: RealTime, host: Host, tmp_path: Path) -> Iterator[Adapter]:
    adapter = Adapter(world, tmp_path / "hci.sock", "pi", ADDRESS)
    yield adapter
    adapter.unplug()


def read(line: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = line.recv(length - len(data))
        if not more:
            raise ConnectionResetError
        data += more
    return data


def test_what_the_guest_asks_is_answered(adapter: Adapter, host: Host) -> None:
    adapter.plug()
    line = host.accept()
    line.sendall(RESET[:2])
    line.sendall(RESET[2:])
    assert read(line, 7) == b"\x04\x0e\x04\x01\x03\x0c\x00"
    line.close()


def test_it_tells_what_is_on_the_air(adapter: Adapter, host: Host, world: RealTime) -> None:
    adapter.plug()
    line = host.accept()
    line.sendall(SCAN)
    assert read(line, 7)[-1] == 0
    crowd = world.do(lambda: Crowd(world.world))
    world.do(lambda: crowd.begin(100.0))
    head = read(line, 14)
    assert head[1] == 0x3E
    assert read(line, head[13])[:3] == b"\x02\x01\x1a"
    world.do(crowd.stop)
    line.close()


def test_to_pull_it_out_hangs_up_and_silences_it(
    adapter: Adapter, host: Host, world: RealTime
) -> None:
    adapter.plug()
    line = host.accept()
    line.sendall(b"\x01\x0a\x20\x01\x01")  # advertise
    assert read(line, 7)[-1] == 0
    heard: list[Report] = []
    other = world.do(lambda: world.world.ble.radio("other", heard.append))
    world.do(lambda: other.scan(10_000, 10_000))
    adapter.unplug()
    assert line.recv(1) == b""
    assert not adapter.plugged
    world.do(heard.clear)
    time.sleep(0.2)
    assert world.do(lambda: heard) == []
    line.close()


def test_it_comes_back_as_after_power_on(adapter: Adapter, host: Host, world: RealTime) -> None:
    adapter.plug()
    first = host.accept()
    first.sendall(SCAN)
    assert read(first, 7)[-1] == 0
    adapter.unplug()
    adapter.plug()
    second = host.accept()
    world.do(lambda: adapter.radio.on_report(Report(1, bytes(6), 3, -60, b"")))
    second.sendall(RESET)
    assert read(second, 7)[1] == 0x0E
    first.close()
    second.close()


def test_a_guest_that_listens_to_nothing_holds_nobody_up(
    adapter: Adapter, host: Host, world: RealTime
) -> None:
    adapter.plug()
    line = host.accept()
    line.sendall(SCAN)
    assert read(line, 7)[-1] == 0
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    report = Report(1, bytes(6), 3, -60, bytes(31))

    def flood() -> None:
        for _ in range(20_000):
            adapter.radio.on_report(report)

    world.do(flood)
    assert adapter.dropped > 0
    assert world.do(lambda: adapter.controller.asked[-1]) == hci.LE_SET_SCAN_ENABLE
    line.close()
