"""The control socket: what only this machine may ask, and what nobody may."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway import control
from gateway.control import Control
from gateway.events import Acknowledge, Enrolled, Event, Fault, Order, Restore, Trial, Unenrol
from gateway.tests.waiting import eventually
from protocol.kinds import IDENTIFY

TRIAL = "trial.0123456789abcdef"


class Gateway:
    """Takes what is asked, and says "done"."""

    def __init__(self, runtime_dir: Path) -> None:
        self.runtime_dir = runtime_dir
        self.asked: list[Event] = []
        self.control = Control(runtime_dir, self._post)

    def _post(self, event: Event) -> asyncio.Future[str]:
        self.asked.append(event)
        settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        settled.set_result("done")
        return settled


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    gateway = Gateway(tmp_path)
    task = asyncio.create_task(gateway.control.run())
    await eventually(lambda: gateway.asked)
    assert isinstance(gateway.asked.pop(), Restore)
    yield gateway
    task.cancel()


async def test_what_this_machine_may_ask(gateway: Gateway) -> None:
    folder = gateway.runtime_dir
    for call in (
        lambda: control.reload(folder),
        lambda: control.trial(folder, TRIAL, "Jo"),
        lambda: control.unenrol(folder, "button-01"),
        lambda: control.command(folder, "acknowledge", "ab" * 16, "Jo", 5),
    ):
        assert await asyncio.to_thread(call) == "done"
    assert [type(event) for event in gateway.asked] == [Enrolled, Trial, Unenrol, Acknowledge]
    trial = gateway.asked[1]
    assert isinstance(trial, Trial)
    assert (trial.id, trial.by) == (TRIAL, "Jo")


@pytest.mark.parametrize(
    ("name", "by"), [("alert.1", "Jo"), (TRIAL + "0", "Jo"), (TRIAL, ""), (TRIAL, "a\nb")]
)
async def test_a_trial_with_another_id_or_without_a_name_is_refused(
    gateway: Gateway, name: str, by: str
) -> None:
    refused = await asyncio.to_thread(control.trial, gateway.runtime_dir, name, by)
    assert (refused, gateway.asked) == ("trial", [])


async def test_nonsense_is_refused_with_a_reason(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_unix_connection(gateway.runtime_dir / "control")
    writer.write(b"{nonsense\n")
    assert await reader.readline() == b'{"result": "not_json"}\n'
    writer.close()
    assert gateway.asked == []


async def test_the_socket_is_for_its_own_user(gateway: Gateway) -> None:
    assert (gateway.runtime_dir / "control").stat().st_mode & 0o777 == 0o600


async def test_who_may_not_ask_is_told_so(gateway: Gateway) -> None:
    folder = gateway.runtime_dir
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.socket.connect", _refuse)
        with pytest.raises(PermissionError, match="control"):
            control.reload(folder)


def _refuse(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


async def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(control.NotRunning):
        control.reload(tmp_path)


async def test_a_socket_that_cannot_be_is_a_fault_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_TRY_AGAIN_S", 0.01)
    folder = tmp_path / "run"
    gateway = Gateway(folder)
    task = asyncio.create_task(gateway.control.run())
    await eventually(lambda: gateway.asked)
    folder.mkdir()
    await eventually(lambda: isinstance(gateway.asked[-1], Restore))
    assert isinstance(gateway.asked[0], Fault)
    gateway.asked.clear()
    assert await asyncio.to_thread(control.reload, folder) == "done"
    task.cancel()


ORDER: dict[str, object] = {
    "id": "order.0123456789abcdef",
    "device": "button-01",
    "op": IDENTIFY,
    "arg": 0,
    "by": "Jo",
    "within_s": 60,
}


async def test_an_order_is_read_whole_or_refused(gateway: Gateway) -> None:
    assert await asyncio.to_thread(control.order, gateway.runtime_dir, ORDER) == "done"
    (asked,) = gateway.asked
    assert isinstance(asked, Order)
    assert (asked.id, asked.device, asked.op, asked.by) == (*list(ORDER.values())[:3], "Jo")
    gateway.asked.clear()
    for wrong in (
        {"id": "x"},
        {"op": 3},
        {"arg": 256},
        {"by": ""},
        {"by": "a" * 101},
        {"within_s": 0},
        {"device": 5},
    ):
        told = await asyncio.to_thread(control.order, gateway.runtime_dir, ORDER | wrong)
        assert (told, gateway.asked) == ("order", []), wrong
