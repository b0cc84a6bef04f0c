import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.virtual.serial_port import SerialPort


@pytest.fixture
def port(tmp_path: Path) -> Iterator[SerialPort]:
    made = SerialPort(tmp_path / "ttyUSB0")
    yield made
    made.close()


def opened(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(descriptor)
    return descriptor


def test_bytes_pass_both_ways(port: SerialPort) -> None:
    got: list[bytes] = []
    port.on_bytes = got.append
    reader = opened(port.path)
    port.write(b"from the board\x00\r\n\x03")
    assert os.read(reader, 100) == b"from the board\x00\r\n\x03"
    os.write(reader, b"to the board\x00\r\n\x04")
    port.readable()
    assert got == [b"to the board\x00\r\n\x04"]
    os.close(reader)


def test_reading_nothing_is_no_error(port: SerialPort) -> None:
    got: list[bytes] = []
    port.on_bytes = got.append
    port.readable()
    os.close(opened(port.path))
    port.readable()
    assert got == []


def test_what_nobody_reads_is_lost_not_waited_for(port: SerialPort) -> None:
    reader = opened(port.path)
    for _ in range(100):
        port.write(bytes(4096))
    assert 0 < len(os.read(reader, 1 << 20)) < 100 * 4096


def test_unplugged_the_node_is_gone_and_readers_are_told(port: SerialPort) -> None:
    reader = opened(port.path)
    port.unplug()
    assert not port.path.is_symlink()
    with pytest.raises(OSError, match="Input/output error"):
        os.write(reader, b"x")
    assert os.read(reader, 1) == b""
    os.close(reader)
    port.write(b"into the void")
    port.readable()


def test_it_comes_back_under_another_name(port: SerialPort, tmp_path: Path) -> None:
    changes: list[int | None] = []
    port.on_change = lambda _port, old: changes.append(old)
    master = port.master
    port.unplug()
    port.plug(tmp_path / "ttyUSB1")
    assert port.path == tmp_path / "ttyUSB1"
    assert not (tmp_path / "ttyUSB0").is_symlink()
    reader = opened(port.path)
    port.write(b"again")
    assert os.read(reader, 100) == b"again"
    assert changes == [master, None]
    os.close(reader)
