"""From a committed row to the broker's PUBACK, by the gateway's own path, store and way out.

Each round a press and a bare publish of as many bytes, by the same client library to the same broker.

```
commit returns  wake   the wearer is answered, the way out has the row
                write  the event is written and signed
                send   a committed, signed row is published; the PUBACK is there
```
`vs_bare` is what sending takes of a row that is committed and signed, in bare publishes. `all_vs_bare`
counts from the commit on, with the wearer's answer and the signature.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import aiomqtt

from gateway.config import Place
from gateway.disk.outbox import Outbox
from gateway.disk.outbox_rows import Row
from gateway.downlink import Health
from gateway.drafts import Notice
from gateway.events import Transmission
from gateway.frames.device import Device
from gateway.ledger import Committed
from gateway.path import Way
from gateway.tests.bench import TARGET, Bench
from gateway.tests.brokers import Mosquitto
from gateway.tests.builders import received
from gateway.tests.player import Wearer
from gateway.upstream.cloudevent import Author
from gateway.upstream.desk import Desk
from gateway.upstream.mqtt import MqttUpstream
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.signature import ATTRIBUTE, Signer
from gateway.upstream.signed_command import Operators

_KEY = bytes(range(16))
_SITE = "bench"
_HOST = "127.0.0.1"
_WITHIN_S = 10.0
_PAUSE_S = 0.005  # what a round leaves behind is done by then
_WARM_UP = 30
_MS = 1e3
STAGES = ("wake", "write", "send")


@dataclass
class Puback:
    """Times in ms, round by round; `stages` by name, in their order."""

    row_ms: list[float] = field(default_factory=list)
    bare_ms: list[float] = field(default_factory=list)
    sign_ms: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=dict)

    @property
    def vs_bare(self) -> float:
        """Return what a row that is committed and signed costs, in bare publishes."""
        return statistics.median(self.stages["send"]) / statistics.median(self.bare_ms)

    @property
    def all_vs_bare(self) -> float:
        """Return the same from the commit on."""
        return statistics.median(self.row_ms) / statistics.median(self.bare_ms)


class Noted(Outbox):
    """The gateway's outbox; it also notes when the way out knows that a row is confirmed."""

    def __init__(self, bench: Bench) -> None:
        """Read the store of `bench`."""
        super().__init__(bench.store, TARGET)
        self.confirmed_at: dict[str, float] = {}  # by event
        self.row: Row | None = None  # the last one
        self.news = asyncio.Event()

    def confirmed(self, row: Row, at: float, settled: asyncio.Future[str] | None) -> None:
        """Take the moment before anything else."""
        self.confirmed_at.setdefault(row.event, time.perf_counter())
        self.row = row
        self.news.set()
        super().confirmed(row, at, settled)


class NotedAuthor(Author):
    """The gateway's author; it also notes from when to when the last event was written."""

    writing = (0.0, 0.0)  # its class has slots: one bench, one author

    def write(self, row: Row) -> bytes:
        """Note when it is written and signed."""
        begun = time.perf_counter()
        content = super().write(row)
        NotedAuthor.writing = begun, time.perf_counter()
        return content


@dataclass
class Rim:
    """What lies around the path: nothing is transmitted, the way out is woken as by the service."""

    outbox: Outbox
    committed_at: dict[str, float] = field(default_factory=dict)  # by event

    def now_s(self) -> float:
        """Return a time: no device's clock is judged here."""
        return time.monotonic()

    def committed(self, committed: Committed, took_s: float) -> None:  # noqa: ARG002 - the path's
        """Note when the commit returned."""
        now = time.perf_counter()
        self.committed_at |= {notice.id: now for notice in committed.batch.notices}

    def send(self, transmission: Transmission) -> None:
        """Transmit nothing."""

    def stored(self, committed: Committed) -> None:
        """Hand the way out what is its own."""
        self.outbox.committed(committed.written)

    def unstored(self, notices: Iterable[Notice]) -> None:
        """Tell nothing: what is not on disk is never confirmed, and the bench says so."""

    def health(self) -> Health:
        """Say that everything works."""
        return Health(store=True, upstream=True, plan=True)

    async def devices(self) -> list[Device]:
        """Enrol nobody."""
        return []


async def measure(folder: Path, rounds: int) -> Puback:
    """Measure on a database and a broker in `folder`; raise `TimeoutError` where nothing is confirmed."""
    (folder / "broker").mkdir()
    broker = Mosquitto(folder / "broker")
    await asyncio.to_thread(broker.start)
    device = Device(
        1, "button-1", "button", "Room 1", "first floor", 300, 0, 0.0, Wearer(_KEY).keys
    )
    bench = await Bench(folder).open(device)
    try:
        return await _Rounds(bench, broker.port).run(rounds)
    finally:
        await bench.store.close()
        await asyncio.to_thread(broker.stop)


class _Rounds:
    def __init__(self, bench: Bench, port: int) -> None:
        self._port = port
        self._outbox = Noted(bench)
        self._rim = Rim(self._outbox)
        self._wearer = Wearer(_KEY)
        self._author = NotedAuthor(Place(_SITE, "gateway"), Signer(bytes(range(32))))
        self._way = Way(bench.ledger, bench.store, bench.inbox, bench.logbook, self._rim)
        post = bench.inbox.post
        self._upstream = MqttUpstream(
            MqttConfig(
                "broker", _HOST, port, tls=False, ca_file=None, username=None, password_file=None
            ),
            self._author,
            self._outbox,
            post,
            Desk(Operators(_SITE, []), post, lambda _: None, unsigned=False, via="mqtt"),
        )

    async def run(self, rounds: int) -> Puback:
        found = Puback(stages={name: [] for name in STAGES})
        async with asyncio.TaskGroup() as tasks, aiomqtt.Client(_HOST, self._port) as bare:
            running = [tasks.create_task(self._way.run()), tasks.create_task(self._upstream.run())]
            for number in range(-_WARM_UP, rounds):
                row_ms, stages_ms = await self._press()
                await asyncio.sleep(_PAUSE_S)
                bare_ms, sign_ms = await self._publish(bare), self._sign()
                await asyncio.sleep(_PAUSE_S)
                if number >= 0:
                    found.row_ms.append(row_ms)
                    found.bare_ms.append(bare_ms)
                    found.sign_ms.append(sign_ms)
                    for name, took_ms in zip(STAGES, stages_ms, strict=True):
                        found.stages[name].append(took_ms)
            for task in running:
                task.cancel()
        return found

    async def _press(self) -> tuple[float, list[float]]:
        """Return how long an alert takes from its commit to its PUBACK, and each stage of it, in ms."""
        self._outbox.news.clear()
        self._way.door.hear(received(self._wearer.press(), time.monotonic()))
        async with asyncio.timeout(_WITHIN_S):
            await self._outbox.news.wait()
        event = self._row().event
        moments = [
            self._rim.committed_at[event],
            *NotedAuthor.writing,
            self._outbox.confirmed_at[event],
        ]
        took_ms = [(later - earlier) * _MS for earlier, later in pairwise(moments)]
        return sum(took_ms), took_ms

    async def _publish(self, bare: aiomqtt.Client) -> float:
        payload = self._author.write(self._row())
        begun = time.perf_counter()
        await bare.publish(f"tocsin/{_SITE}/bare", payload, qos=1, timeout=_WITHIN_S)
        return (time.perf_counter() - begun) * _MS

    def _sign(self) -> float:
        event = json.loads(self._author.write(self._row()))
        del event[ATTRIBUTE]
        begun = time.perf_counter()
        self._author.signer.detached(event)
        return (time.perf_counter() - begun) * _MS

    def _row(self) -> Row:
        assert self._outbox.row is not None  # noqa: S101 - a press came before
        return self._outbox.row
