"""From an alarm receiving centre's reply to the verdict, beside the time the centre takes to answer.

The centre is pysiaalarm, with AES-256. Its time runs from the message written to the last byte of its
reply; the verdict is there when the way out says that the row is delivered.
"""

import asyncio
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest import mock

from pysiaalarm.account import SIAAccount
from pysiaalarm.sync.client import SIAClient

from gateway.disk.outbox_rows import Row
from gateway.tests.brokers import free_port
from gateway.tests.rows import Rows, row
from gateway.tests.waiting import eventually
from gateway.upstream import sia_receiver
from gateway.upstream.sia_config import SiaConfig
from gateway.upstream.sia_dc09 import SiaUpstream

_ACCOUNT = "1234"
_KEY = "0123456789ABCDEF" * 2
_HOST = "127.0.0.1"
_WARM_UP = 10
_MS = 1e3


@dataclass
class Verdicts:
    """Times in ms, message by message."""

    receiver_ms: list[float] = field(default_factory=list)
    verdict_ms: list[float] = field(default_factory=list)

    def medians_ms(self) -> tuple[float, float]:
        """Return that of the receiver's answer and that of the verdict."""
        return statistics.median(self.receiver_ms), statistics.median(self.verdict_ms)


class _Noted(Rows):
    """Rows that note when one was confirmed."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self.count = 0

    def has(self, count: int) -> bool:
        return self.count >= count

    def confirmed(self, row: Row, at: float, settled: asyncio.Future[str] | None) -> None:
        self.at = time.perf_counter()
        self.count += 1
        super().confirmed(row, at, settled)


class _Stopwatch:
    """Stands around the function that reads a reply; knows when it began and when it had it."""

    def __init__(self) -> None:
        self._read = sia_receiver._read  # noqa: SLF001 - nothing else sees both moments
        self.begun = self.read = 0.0

    async def __call__(self, reader: asyncio.StreamReader) -> bytes:
        self.begun = time.perf_counter()
        reply = await self._read(reader)
        self.read = time.perf_counter()
        return reply


async def measure(folder: Path, messages: int) -> Verdicts:
    """Measure; raise `TimeoutError` where the centre does not take an alert."""
    key_file = folder / "sia.key"
    key_file.write_text(_KEY.encode().hex(), encoding="ascii")
    port, watch = free_port(), _Stopwatch()
    receivers = ((_HOST, port),)
    config = SiaConfig(
        "centre", receivers, "tcp", "SIA-DCS", _ACCOUNT, "0", "0", key_file, supervision_s=0
    )
    with ExitStack() as stack:
        centre = SIAClient(_HOST, port, [SIAAccount(_ACCOUNT, _KEY)], lambda _: None)
        centre.start()
        stack.callback(centre.stop)
        stack.enter_context(mock.patch.object(sia_receiver, "_read", watch))
        return await _measure(config, watch, messages)


async def _measure(config: SiaConfig, watch: _Stopwatch, messages: int) -> Verdicts:
    found, rows = Verdicts(), _Noted()
    way_out = asyncio.create_task(SiaUpstream(config, rows, rows.post).run())
    try:
        for number in range(1, messages + _WARM_UP + 1):
            rows.add(row(number))
            await eventually(partial(rows.has, number))
            if number > _WARM_UP:
                found.receiver_ms.append((watch.read - watch.begun) * _MS)
                found.verdict_ms.append((rows.at - watch.read) * _MS)
    finally:
        way_out.cancel()
        await asyncio.gather(way_out, return_exceptions=True)
    return found
