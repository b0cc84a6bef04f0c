"""One run of a fleet: everybody connects, alerts are raised, the leader is killed in the middle.

Events are signed before the load begins, as each gateway would at its own site: what is measured is the
way from a gateway through the broker to the desk. Gateways, desk and brokers share this machine.
"""

import asyncio
import contextlib
import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence

from tools.bench.fleet_account import Account
from tools.bench.fleet_brokers import Brokers
from tools.bench.fleet_desk import Desk
from tools.bench.fleet_events import Alert, Authors
from tools.bench.fleet_gateway import SimulatedGateway
from tools.bench.fleet_result import Load, Ran, Weight
from tools.bench.fleet_server import NotReady, allow_connections

_GREET_AT_ONCE = 200
_UP_WITHIN_S = 180.0
_SETTLED_WITHIN_S = 90.0
_IDLE_S = 4.0
_LOOK_S = 0.05
_SEED = 1


async def run(brokers: Brokers, load: Load) -> Ran:
    """Start the brokers, let it happen, end them; raise `NotReady` in an exception group."""
    allow_connections(load.gateways)
    try:
        await asyncio.to_thread(brokers.start)
        return await Run(brokers, load).happen()
    finally:
        for server in brokers.servers:
            server.kill()


class Run:
    """One run on brokers that have been started."""

    def __init__(self, brokers: Brokers, load: Load) -> None:
        """Make everybody; connect nobody."""
        self.account = Account()
        self._brokers = brokers
        self._load = load
        self._chance = random.Random(_SEED)
        self._authors = Authors(load.gateways)
        self._desk = Desk(brokers.nodes(), self.account)
        self._gateways = [
            SimulatedGateway(number, brokers.nodes(), self.account, load.command_qos, self._chance)
            for number in range(load.gateways)
        ]
        self._broken_at: float | None = None
        self._calm_cpu_s = 0.0  # computed until the kill, or until the end without one
        self._calm_alerts = 0

    async def happen(self) -> Ran:
        """Let it happen; return what it came to."""
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(self._desk.run())]
            await _until(self._desk.up.is_set, lambda: f"the desk: {self._desk.why}")
            alone_mb = self._mb()
            connecting_at = time.monotonic()
            gate = asyncio.Semaphore(_GREET_AT_ONCE)
            running += [tasks.create_task(gateway.run(gate)) for gateway in self._gateways]
            await _until(self._all_up, lambda: "not every gateway is connected")
            connect_s = time.monotonic() - connecting_at
            connected_mb, idle_percent = self._mb(), await self._idle_percent()
            begun_at, begun_cpu_s = time.monotonic(), self._cpu_s()
            await self._load_and_break()
            loaded_mb = self._mb()
            for task in running:
                task.cancel()
        spent_ms = (self._calm_cpu_s - begun_cpu_s) * 1000
        return Ran(
            broker=self._brokers.name,
            load=self._load,
            account=self.account,
            begun_at=begun_at,
            broken_at=self._broken_at,
            connect_s=connect_s,
            forged=sum(map(self._authors.forged, self._desk.read.values())),
            failures=sum(gateway.failures for gateway in self._gateways),
            weight=Weight(
                alone_mb, connected_mb, loaded_mb, idle_percent, spent_ms / self._calm_alerts
            ),
        )

    async def _load_and_break(self) -> None:
        """Raise every alert, kill in the middle, and wait until all are through or time is up."""
        alerts = self._alerts()
        with _no_long_collections():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._raise_all(alerts))
                tasks.create_task(self._break())
            if self._broken_at is None:
                self._note_calm()
            with contextlib.suppress(NotReady):  # what is missing by then, the account calls lost
                await _until(lambda: self.account.settled, lambda: "", _SETTLED_WITHIN_S)

    def _alerts(self) -> list[tuple[float, Alert]]:
        """Return each with the seconds into the load at which it is raised, in order."""
        now = time.time()
        times = sorted(self._chance.uniform(0, self._load.load_s) for _ in range(self._load.alerts))
        return [
            (after_s, self._authors.alert(self._anybody(), count, now + after_s))
            for count, after_s in enumerate(times)
        ]

    def _anybody(self) -> int:
        return self._chance.randrange(self._load.gateways)

    async def _raise_all(self, alerts: Sequence[tuple[float, Alert]]) -> None:
        begun_at = time.monotonic()
        for after_s, alert in alerts:
            ahead_s = begun_at + after_s - time.monotonic()
            if ahead_s > 0:
                await asyncio.sleep(ahead_s)
            # Raised when it was due: a bench that lags behind must not look like a quick broker.
            self.account.raised[alert.id] = begun_at + after_s
            self._gateways[alert.gateway].tell(alert)

    async def _break(self) -> None:
        await asyncio.sleep(self._load.broken_after_s)
        calm = self._cpu_s(), len(self.account.raised)
        broken_at = time.monotonic()
        if await asyncio.to_thread(self._brokers.break_it):
            self._broken_at = broken_at
            self._calm_cpu_s, self._calm_alerts = calm

    def _note_calm(self) -> None:
        self._calm_cpu_s, self._calm_alerts = self._cpu_s(), len(self.account.raised)

    def _all_up(self) -> bool:
        return all(gateway.up for gateway in self._gateways)

    async def _idle_percent(self) -> float:
        before = self._cpu_s()
        await asyncio.sleep(_IDLE_S)
        return (self._cpu_s() - before) * 100 / _IDLE_S

    def _mb(self) -> float:
        return sum(server.resident_mb() for server in self._brokers.servers)

    def _cpu_s(self) -> float:
        return sum(server.cpu_s() for server in self._brokers.servers)


async def _until(
    true: Callable[[], bool], otherwise: Callable[[], str], within_s: float = _UP_WITHIN_S
) -> None:
    """Return once it is so; raise `NotReady` where it is not in time."""
    give_up = time.monotonic() + within_s
    while not true():
        if time.monotonic() > give_up:
            raise NotReady(otherwise())
        await asyncio.sleep(_LOOK_S)


@contextlib.contextmanager
def _no_long_collections() -> Iterator[None]:
    """Let the garbage collector leave alone what is there: all gateways stop while it looks."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
