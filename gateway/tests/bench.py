"""A gateway without its rim: the path over a real database, a radio and an upstream that only note."""

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from pathlib import Path

from gateway.cases.visit_table import read_visits
from gateway.cases.visits import VisitWatch
from gateway.disk.heard import read_states
from gateway.disk.outbox import Outbox
from gateway.disk.rows import read_faults, read_incidents
from gateway.disk.store import Store, connect
from gateway.disk.used import read_used
from gateway.downlink import Health
from gateway.drafts import Notice
from gateway.events import Event, Transmission
from gateway.frames.device import Device
from gateway.frames.device_state import DeviceState
from gateway.inbox import Inbox
from gateway.ledger import Batch, Committed, Ledger
from gateway.path import Way
from gateway.response.escalation import after_restart
from gateway.response.escalation_table import read_escalations
from gateway.response.plan import Plan
from gateway.response.plan_watch import PlanWatch
from gateway.telemetry.logbook import Logbook
from gateway.tests.builders import BEARING, device, received
from gateway.tests.events import assert_is_published
from gateway.tests.player import Wearer
from protocol.messages import Answer

TARGET = "broker"


@dataclass
class Rim:
    """Notes what the path does to the world."""

    sent: list[Transmission] = field(default_factory=list)
    commits: list[Committed] = field(default_factory=list)
    woken: int = 0
    told_unstored: list[str] = field(default_factory=list)
    works: Health = field(default_factory=lambda: Health(store=True, upstream=True, plan=True))
    enrolled: list[Device] = field(default_factory=list)
    clock_s: float = 1_000.0

    def now_s(self) -> float:
        return self.clock_s

    def committed(self, committed: Committed, took_s: float) -> None:
        self.commits.append(committed)
        for notice in committed.batch.notices:
            assert_is_published(notice)

    def send(self, transmission: Transmission) -> None:
        self.sent.append(transmission)

    def stored(self, committed: Committed) -> None:
        assert committed.batch.notices
        self.woken += 1

    def unstored(self, notices: Iterable[Notice]) -> None:
        self.told_unstored.extend(notice.id for notice in notices if notice.urgent)

    def health(self) -> Health:
        return self.works

    async def devices(self) -> list[Device]:
        return self.enrolled


class Bench:
    """Opened on a folder; opened again on the same one, it is a gateway after a restart."""

    def __init__(
        self, folder: Path, plan: Plan | None = None, targets: tuple[str, ...] = (TARGET,)
    ) -> None:
        self.path = folder / "db"
        self.plan = plan or Plan()
        self.rim = Rim()
        self.away_s = 0.0  # how far the wall clock went on before it was opened
        self.inbox = Inbox()
        self.log = StringIO()
        self.logbook = Logbook("json", self.log)
        self.store: Store = Store(self.path, targets)
        self.outboxes = {name: Outbox(self.store, name) for name in targets}
        self.outbox = self.outboxes[targets[0]]

    async def open(self, *devices: Device) -> "Bench":
        known = devices or (device(),)
        self.enrol(*known)
        await self.store.open()
        states = await self.store.read(read_states)
        for one in known:
            states.setdefault(one.id, DeviceState(one.floor))
        self.behind = self.store.high_water.settle(known, states)
        incidents = {one.id: one for one in await self.store.read(read_incidents)}
        faults = await self.store.read(read_faults)
        escalations = {
            name: after_restart(one, self.plan, self.rim.clock_s)
            for name, one in (await self.store.read(read_escalations)).items()
        }
        self.ledger = Ledger(
            {one.id: one for one in known},
            states,
            incidents,
            faults,
            BEARING,
            self.plan,
            escalations,
        )
        visits = partial(read_visits, now=self.rim.clock_s, at=time.time() + self.away_s)
        self.ledger.visits = await self.store.read(visits)
        self.ledger.used = await self.store.read(read_used)
        self.way = Way(self.ledger, self.store, self.inbox, self.logbook, self.rim)
        self.way.watch((VisitWatch(60.0), PlanWatch()))
        return self

    def enrol(self, *devices: Device) -> None:
        connection = connect(self.path)
        for one in devices:
            connection.execute(
                "INSERT OR IGNORE INTO device (slot, id, sealed_key, role, label, place, heartbeat_s,"
                " floor, dated, enrolled_at) VALUES (?, ?, x'00', 'button', 'l', 'p', 300, 0, 'd', 0.0)",
                (one.slot, one.id),
            )
        connection.close()

    async def hear(
        self, *frames: bytes, at: float = 1_000.0, media: tuple[str, ...] = ("ble",)
    ) -> None:
        self.rim.clock_s = max(self.rim.clock_s, at)
        for frame in frames:
            for medium in media:
                self.way.door.hear(received(frame, at, medium=medium))
        await self.way.step(self.inbox.take_now())
        self.way.log()

    async def post(self, event: Event) -> str:
        settled = self.inbox.post(event)
        await self.way.step(await self.inbox.take())
        self.way.log()
        return await settled

    def answers(self, wearer: Wearer) -> list[Answer]:
        heard = [wearer.read(transmission.frame) for transmission in self.rim.sent]
        return [answer for one in heard if one is not None for answer in [one[1]]]


class SlowStore(Store):
    """A disk that takes its time and may then fail: calls `before` in the middle of a commit."""

    def __init__(self, store: Store) -> None:
        self._inner = store
        self.fails: Exception | None = None
        self.seen_at_commit: list[object] = []
        self.look: Callable[[], object] = lambda: None

    async def commit(self, batch: Batch) -> Committed:
        self.seen_at_commit.append(self.look())
        if self.fails is not None:
            raise self.fails
        committed = await self._inner.commit(batch)
        self.seen_at_commit.append(self.look())
        return committed


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a disk of 1 MB at `folder`, where this user may; say whether it was possible."""
    mounted = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
            check=False,
            capture_output=True,
        ).returncode
        == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def limit_pages(connection: sqlite3.Connection, *, full: bool) -> None:
    """Let the database not grow any more, or grow again."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0] if full else 1_000_000
    connection.execute(f"PRAGMA max_page_count = {pages}")
