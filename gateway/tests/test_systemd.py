"""The service manager hears that we are ready and go on, and no longer once a task or the process hangs."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.pulse import Pulse
from gateway.systemd import Notifier, feed_every_s, keep_telling
from gateway.tests.process import GatewayProcess
from gateway.tests.waiting import eventually

PID = 4711


class Manager:
    """The end of the socket that is systemd's."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(address.replace("@", "\0"))

    def told(self) -> list[str]:
        """Return the lines that came since the last question."""
        lines = []
        while True:
            try:
                lines += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return lines

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(
        str(tmp_path / "notify") if request.param == "path" else f"@tocsin-{os.getpid()}"
    )
    yield manager
    manager.close()


@pytest.mark.parametrize(
    ("environment", "every_s"),
    [
        ({}, 15.0),
        ({"WATCHDOG_USEC": "40000000"}, 10.0),
        ({"WATCHDOG_USEC": "40000000", "WATCHDOG_PID": str(PID)}, 10.0),
        ({"WATCHDOG_USEC": "40000000", "WATCHDOG_PID": "1"}, 15.0),  # another process is meant
        ({"WATCHDOG_USEC": "600000000"}, 15.0),  # how we fare is told more often
        ({"WATCHDOG_USEC": "0"}, 15.0),
        ({"WATCHDOG_USEC": "soon"}, 15.0),
    ],
)
def test_the_watchdog_is_fed_four_times_in_its_time(
    environment: dict[str, str], every_s: float
) -> None:
    assert feed_every_s(environment, PID) == every_s


def test_where_nobody_asks_nothing_is_told() -> None:
    Notifier({}, PID).tell(READY="1")


def test_a_manager_that_is_gone_is_no_reason_to_hear_no_alert(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}, PID).tell(READY="1")


async def test_it_is_fed_until_a_task_hangs_which_is_said_once(manager: Manager) -> None:
    now_s = [0.0]
    pulse = Pulse(lambda: now_s[0])
    pulse.begin("path")
    complaints: list[str] = []
    notifier = Notifier({"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "4000"}, PID)
    task = asyncio.create_task(
        keep_telling(notifier, pulse, lambda: "3 devices", complaints.append)
    )
    await asyncio.sleep(0.05)
    first = manager.told()
    assert first[:2] == ["READY=1", "STATUS=3 devices"]
    assert first.count("WATCHDOG=1") > 1
    now_s[0] = 76.0
    await asyncio.sleep(0.05)
    manager.told()
    await asyncio.sleep(0.05)
    assert manager.told() == []
    assert complaints == ["path"]
    pulse.begin("path")  # it went on after all
    await asyncio.sleep(0.05)
    assert "WATCHDOG=1" in manager.told()
    task.cancel()


async def test_the_gateway_is_ready_once_its_radio_is_started_and_feeds_until_it_is_held_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = Manager(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    process = GatewayProcess(tmp_path, broker_port=1)
    told: list[str] = []

    def fed() -> bool:
        told.extend(manager.told())
        return told.count("WATCHDOG=1") > 2

    process.start()
    try:
        await eventually(fed)
        assert told[:2] == ["READY=1", "STATUS=0 devices, radio head down, upstream broker down"]
        await process.said("started")
        os.kill(process.pid, signal.SIGSTOP)
        await asyncio.sleep(0.2)
        manager.told()
        await asyncio.sleep(0.5)
        assert manager.told() == []
        os.kill(process.pid, signal.SIGCONT)
        assert process.stop() == 0
        assert manager.told()[-1] == "STOPPING=1"
    finally:
        process.kill()
        manager.close()
