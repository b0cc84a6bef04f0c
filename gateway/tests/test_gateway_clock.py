"""Whether the wall clock is believed, and what of a device's clock outlives a restart."""

import time

import pytest

from gateway import gateway_clock
from gateway.frames.device_clock import DeviceClock
from gateway.gateway_clock import GatewayClock, WallClock
from gateway.tests.builders import clock

NEWEST = 1_000.0


@pytest.mark.parametrize(
    ("now", "trusted", "synchronized", "believed"),
    [
        (1_001.0, True, False, True),
        (1_001.0, False, True, True),
        (1_001.0, False, False, False),
        (999.0, True, True, False),  # before what it has shown: it is wrong
    ],
)
def test_wall_clock_is_believed_where_something_speaks_for_it(
    now: float, *, trusted: bool, synchronized: bool, believed: bool
) -> None:
    assert WallClock(now, trusted, synchronized).believed(NEWEST) is believed


def test_plausible_wall_clock_is_not_believed() -> None:
    """Without a battery for it, a clock goes on from when it was stopped: a held frame is then young."""
    assert not WallClock(NEWEST + 5.0, trusted=False, synchronized=False).believed(NEWEST)


class Machine:
    """A machine whose clocks a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = 1_700_000_000.0
        self.running = 50.0
        self.synchronized = True
        monkeypatch.setattr(gateway_clock, "running_s", lambda: self.running)
        monkeypatch.setattr(gateway_clock, "synchronized", lambda: self.synchronized)
        monkeypatch.setattr(time, "time", lambda: self.wall)

    def wait(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_clock_is_kept_over_a_restart_in_the_seconds_of_the_wall_clock(machine: Machine) -> None:
    before = GatewayClock(trusted=False)
    received_at = machine.running + before.base_s
    known = clock(8, at=received_at)
    machine.wall += 3_600  # set, while it runs: it had been an hour behind
    machine.wait(10)
    stored = DeviceClock.from_bytes(before.stored(known))
    machine.wait(100)
    machine.running = 3.0  # the machine was started again
    after = GatewayClock(trusted=False)
    now = machine.running + after.base_s
    assert stored.last is not None
    assert stored.last.at == pytest.approx(now - 110)
    assert stored.line is not None
    assert stored.line.at == pytest.approx(now - 110)


def test_clock_is_forgotten_where_the_wall_clock_is_not_believed(machine: Machine) -> None:
    gateway = GatewayClock(trusted=False)
    machine.synchronized = False
    assert gateway.stored(clock(8)) == b""
    machine.wait(5)
    machine.synchronized = True
    assert gateway.stored(clock(8)) != b""
    gateway.not_before(machine.wall + 1)
    assert gateway.stored(clock(8)) == b""
    machine.synchronized = False
    assert GatewayClock(trusted=True).stored(clock(8)) != b""


def test_gateway_time_counts_and_the_kernel_is_asked_without_setting_anything() -> None:
    first = gateway_clock.running_s()
    assert 0 < first <= gateway_clock.running_s()
    before = time.time()
    assert gateway_clock.synchronized() in (True, False)
    assert time.time() - before < 1
