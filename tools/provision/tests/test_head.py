"""Whoever answers at the head's port is a radio head, or the command says so before a board is touched."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import link_messages as link
from protocol.serial_link import SerialLink, to_wire
from tools.provision import head as module
from tools.provision.head import Head
from tools.provision.stopped import Stopped
from tools.virtual.serial_port import SerialPort


@pytest.fixture
def port(tmp_path: Path) -> Iterator[SerialPort]:
    made = SerialPort(tmp_path / "tty")
    yield made
    made.close()


def answer(port: SerialPort, hello: link.Hello) -> None:
    """Answer one hello request from another thread."""

    def serve() -> None:
        wire = SerialLink()
        assert port.master is not None
        os.set_blocking(port.master, True)
        while not isinstance(wire.take(), link.HelloRequest):
            wire.feed(os.read(port.master, 100))
        port.write(to_wire(hello))

    threading.Thread(target=serve, daemon=True).start()


def sentence(port: str) -> str:
    with pytest.raises(Stopped) as refused:
        Head(port)
    return refused.value.sentence


def test_a_port_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert sentence(str(tmp_path / "nothing")) == "head_closed"


def test_a_port_in_use_is_told(port: SerialPort) -> None:
    answer(port, link.Hello(link.LINK_VERSION, link.CAP_BLE, 2, 1))
    with Head(str(port.path)):
        assert sentence(str(port.path)) == "head_closed"


def test_whoever_gives_no_answer_is_no_head(
    port: SerialPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HELLO_S", 0.3)
    assert sentence(str(port.path)) == "head_silent"


def test_a_head_of_another_version_is_refused(port: SerialPort) -> None:
    answer(port, link.Hello(link.LINK_VERSION + 1, link.CAP_BLE, 2, 1))
    assert sentence(str(port.path)) == "head_silent"


def test_a_head_without_ble_is_refused(port: SerialPort) -> None:
    answer(port, link.Hello(link.LINK_VERSION, link.CAP_LORA, 2, 1))
    assert sentence(str(port.path)) == "head_without_ble"
