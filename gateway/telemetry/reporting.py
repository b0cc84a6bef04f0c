"""What the gateway tells of itself: for `status` every ten seconds, and to Prometheus when that asks."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from gateway import pulse
from gateway.disk import outbox_rows
from gateway.disk.outbox import Outbox
from gateway.disk.schema import StoreFault
from gateway.disk.store import Store
from gateway.events import Fault, Restore
from gateway.frames.door import Door
from gateway.inbox import Inbox
from gateway.ledger import Ledger
from gateway.response.local_means import LocalMeans
from gateway.telemetry import status
from gateway.telemetry.logbook import Logbook
from gateway.telemetry.metrics import Metrics
from gateway.upstream import Post

REJECTIONS_EVERY_S = 60.0


class Told(Protocol):
    """What a radio tells of itself."""

    def status(self) -> dict[str, object]:
        """Return what is known, for people."""


class Radio(Protocol):
    """A radio, as far as it is reported."""

    name: str
    counts: Counter[str]

    @property
    def told(self) -> Told:
        """Return what it tells of itself."""

    @property
    def up(self) -> bool:
        """Say whether it is connected."""


class Upstream(Protocol):
    """An upstream, as far as it is reported."""

    name: str

    @property
    def up(self) -> bool:
        """Say whether it can be reached."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What is reported on."""

    store: Store
    inbox: Inbox
    logbook: Logbook
    radios: Mapping[str, Radio]
    upstreams: Sequence[Upstream]
    outboxes: Mapping[str, Outbox]
    local_means: LocalMeans
    metrics: Metrics


class Reporting:
    """Reports the gateway of `site` from its parts."""

    def __init__(self, site: str, parts: Reported) -> None:
        """Begin to count the time it runs."""
        self._site = site
        self._parts = parts
        self._started = time.time()

    async def run(self, runtime_dir: Path, ledger: Ledger, door: Door, post: Post) -> None:
        """Write the file again and again; what was rejected goes to the log once a minute."""
        rejections_due = time.monotonic() + REJECTIONS_EVERY_S
        while True:
            pulse.beat()
            try:
                status.write(runtime_dir, await self.report(ledger, door))
            except OSError as error:  # a full /run is no reason to hear no alert
                post(Fault("status", "not_written", time.time(), type(error).__name__))
            else:
                post(Restore("status", "not_written", time.time()))
            await asyncio.sleep(status.EVERY_S)
            if time.monotonic() >= rejections_due:
                rejections_due += REJECTIONS_EVERY_S
                self._parts.logbook.rejections(time.time())

    async def text(self, ledger: Ledger, door: Door) -> bytes:
        """Return the same in the form that Prometheus reads, with the latencies."""
        return self._parts.metrics.text(await self.report(ledger, door))

    def line(self, ledger: Ledger) -> str:
        """Return in a line how the gateway fares: who hears, and who can be told."""
        parts = self._parts
        radios = [(f"radio {radio.name}", radio.up) for radio in parts.radios.values()]
        ways = [(f"upstream {upstream.name}", upstream.up) for upstream in parts.upstreams]
        shown = [f"{name} {'up' if up else 'down'}" for name, up in (*radios, *ways)]
        return ", ".join([f"{len(ledger.devices)} devices", *shown])

    def hangs(self, tasks: str) -> None:
        """Write down which tasks do not go on: it may be the last line before we are killed."""
        self._parts.logbook.line("hangs", time.time(), source=tasks)

    async def report(self, ledger: Ledger, door: Door) -> dict[str, object]:
        """Return everything there is to tell, for a person to read."""
        parts = self._parts
        return {
            "at": time.time(),
            "started_at": self._started,
            "pid": os.getpid(),
            "site": self._site,
            "resident_mb": status.resident_mb(),
            "devices": len(ledger.devices),
            "heard": dict(parts.logbook.heard),
            "rejected": dict(parts.logbook.rejected),
            "dropped": parts.inbox.dropped,
            "unresolved": door.unresolved,
            "inbox": parts.inbox.depth,
            **status.of_ledger(ledger),
            "radios": {
                radio.name: {"up": radio.up, **radio.counts, **radio.told.status()}
                for radio in parts.radios.values()
            },
            "upstreams": {upstream.name: {"up": upstream.up} for upstream in parts.upstreams},
            "outbox": await self._waiting(),
            "annunciator": parts.local_means.levels,
        }

    async def _waiting(self) -> dict[str, dict[str, object]]:
        waiting: dict[str, dict[str, object]] = {}
        for name, box in self._parts.outboxes.items():
            depth = partial(outbox_rows.depth, target=name)
            try:
                count, oldest = await self._parts.store.read(depth)
            except StoreFault:
                continue
            waiting[name] = {"rows": count, "oldest_at": oldest, "unstored": box.unstored}
        return waiting
