"""The outputs follow the ledger; pins that fail are a fault, tried again, and delay nobody."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from gateway.cases.incident import Incident, State
from gateway.drafts import Notice
from gateway.events import Event, Fault, Restore
from gateway.ledger import Ledger
from gateway.response import local_means
from gateway.response.annunciator import Output, Shown
from gateway.response.escalation import Escalation
from gateway.response.local_means import LocalMeans
from gateway.response.pins import PinsNotAvailable
from gateway.tests.waiting import eventually

OUTPUTS = (Output("siren", 17, limit_s=5), Output("light", 27, open=Shown.FLASH))


class FakePins:
    """Notes what is shown; fails when it is told to."""

    def __init__(self) -> None:
        self.shown: list[dict[str, bool]] = []
        self.fails = False
        self.opened = self.closed = 0

    def open(self) -> "FakePins":
        self._check()
        self.opened += 1
        return self

    def show(self, levels: Mapping[str, bool]) -> None:
        self._check()
        self.shown.append(dict(levels))

    def close(self) -> None:
        self.closed += 1

    def _check(self) -> None:
        if self.fails:
            raise PinsNotAvailable(OSError())


class Bench:
    def __init__(self) -> None:
        self.pins = FakePins()
        self.ledger = Ledger()
        self.posted: list[Event] = []
        self.now_s = 100.0
        self.means = LocalMeans(OUTPUTS, self.pins.open, lambda: self.now_s, self.posted.append)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self.means.run(self.ledger))

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def incident(self, state: State) -> None:
        self.ledger.incidents["i"] = Incident("i", "d", 0, 0, "panic", 0.0, 0.0, state)
        self.ledger.escalations["i"] = Escalation("i", 0.0, 100.0, local_s=100.0)
        self.means.wake()


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(local_means, "RETRY_S", 0.01)
    bench = Bench()
    yield bench
    await bench.stop()


async def test_outputs_follow_what_is_committed(bench: Bench) -> None:
    bench.start()
    await eventually(lambda: bench.means.levels == {"siren": False, "light": False})
    bench.incident(State.OPEN)
    await eventually(lambda: bench.means.levels == {"siren": True, "light": True})
    bench.now_s = 105.5
    bench.means.wake()
    await eventually(lambda: bench.means.levels == {"siren": False, "light": False})
    bench.incident(State.CLOSED)
    await bench.stop()
    assert (bench.pins.opened, bench.pins.closed, bench.means.levels) == (1, 1, {})


async def test_an_alert_the_disk_does_not_take_shows_as_long_as_it_is_heard(bench: Bench) -> None:
    bench.start()
    data = {"kind": "panic", "silent": False, "state": "open"}
    raised = Notice("i.1", "i", True, "tocsin.alert.raised", 0.0, "i", 1, data)
    hidden = raised._replace(incident="j", data=data | {"silent": True})
    bench.means.hold([hidden])
    await eventually(lambda: bench.means.levels == {"siren": False, "light": False})
    bench.means.hold([raised])
    await eventually(lambda: bench.means.levels == {"siren": True, "light": True})
    bench.now_s = 125.0
    bench.means.hold([raised])
    bench.now_s = 150.0
    bench.means.wake()
    await eventually(lambda: bench.means.levels == {"siren": False, "light": True})
    bench.now_s = 155.0
    bench.means.wake()
    await eventually(lambda: bench.means.levels == {"siren": False, "light": False})


async def test_what_the_plan_has_not_told_here_does_not_show(bench: Bench) -> None:
    bench.incident(State.OPEN)
    bench.ledger.escalations["i"] = Escalation("i", 0.0, 100.0, told=("desk",))
    bench.start()
    await eventually(lambda: bench.pins.shown)
    assert bench.pins.shown[-1] == {"siren": False, "light": False}


async def test_pins_that_cannot_be_had_are_a_fault_until_they_can(bench: Bench) -> None:
    bench.pins.fails = True
    bench.start()
    await eventually(lambda: bench.posted)
    fault = bench.posted[0]
    assert isinstance(fault, Fault)
    assert (fault.source, fault.code, fault.why) == ("annunciator", "not_available", "OSError")
    bench.pins.fails = False
    await eventually(lambda: isinstance(bench.posted[-1], Restore))
    await eventually(lambda: bench.pins.shown)
    bench.pins.fails = True  # a wire, a driver: while they are held
    bench.means.wake()
    await eventually(lambda: isinstance(bench.posted[-1], Fault))
    assert bench.pins.closed == 1
