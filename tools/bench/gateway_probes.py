"""What the gateway stands on, measured beside it: the disk, the broker, and a commit of one or of many.

disk     4 KB written over what lies in a preallocated file, and fdatasync
broker   one QoS 1 publish after the other, by the client the gateway uses
commit   the gateway's own store: 32 alerts in one transaction, and 32 transactions of one
"""

import os
import statistics
import time
from pathlib import Path
from typing import Self

import aiomqtt

from gateway import decisions
from gateway.tests import builders
from gateway.tests.bench import Bench
from protocol.kinds import PANIC, incident_word

GROUP = 32
_PAGE_BYTES = 4096
_PAGES = 256
_MS = 1e3


class DiskProbe:
    """A preallocated file in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Write it once, all of it."""
        self._handle = os.open(folder / "probe", os.O_RDWR | os.O_CREAT, 0o600)
        os.write(self._handle, os.urandom(_PAGES * _PAGE_BYTES))
        os.fsync(self._handle)
        self._next = 0
        self.ms: list[float] = []

    def sample(self) -> None:
        """Write a page in place and wait for the disk."""
        page = os.urandom(_PAGE_BYTES)
        begun = time.perf_counter()
        os.pwrite(self._handle, page, self._next * _PAGE_BYTES)
        os.fdatasync(self._handle)
        self.ms.append((time.perf_counter() - begun) * _MS)
        self._next = (self._next + 1) % _PAGES

    def close(self) -> float:
        """Return the median in ms."""
        os.close(self._handle)
        return statistics.median(self.ms)


class BrokerProbe:
    """A connected client of the broker at `port`."""

    def __init__(self, port: int, payload_bytes: int = 500) -> None:
        """Publish so many bytes, about those of an event."""
        self._client = aiomqtt.Client("127.0.0.1", port)
        self._payload = b"x" * payload_bytes
        self.ms: list[float] = []

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Leave."""
        await self._client.__aexit__(None, None, None)

    async def sample(self) -> None:
        """Publish, and wait for the broker's confirmation."""
        begun = time.perf_counter()
        await self._client.publish("bench/probe", self._payload, qos=1)
        self.ms.append((time.perf_counter() - begun) * _MS)

    def p50(self) -> float:
        """Return the median in ms."""
        return statistics.median(self.ms)


async def group_vs_single(folder: Path, rounds: int) -> float:
    """Return what a row costs in a commit of 32, in commits of a row: medians of the same run."""
    devices = [
        builders.device(f"button-{n}", n.to_bytes(16, "big"), slot=n) for n in range(1, GROUP + 1)
    ]
    bench = await Bench(folder).open(*devices)
    names = [device.id for device in devices]
    single: list[float] = []
    group: list[float] = []
    for number in range(rounds):
        counter = 32 * (number + 1)
        single += [await _commit(bench, [name], counter) for name in names]
        group.append(await _commit(bench, names, counter + 16) / GROUP)
    await bench.store.close()
    return statistics.median(group) / statistics.median(single)


async def _commit(bench: Bench, names: list[str], counter: int) -> float:
    """Commit an alert of each of `names`; return how many seconds the commit took."""
    batch = bench.ledger.batch()
    for name in names:
        alert = builders.uplink(incident_word(PANIC, 0, 0, 0, builders.TIME), counter)
        decisions.take_uplink(batch, alert._replace(device=name))
    begun = time.perf_counter()
    committed = await bench.store.commit(batch)
    elapsed = time.perf_counter() - begun
    bench.ledger.adopt(committed)
    return elapsed
