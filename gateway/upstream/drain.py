"""Drains the outbox of a way out that takes one event a request: who waits, and for how long.

| what came of a request | then |
|---|---|
| `Delivered` posted | the row is done |
| `UpstreamDown` | the whole target waits, twice as long each time, at least as long as it asked for |
| `EventRefused` | this row alone waits, and what follows it in its subject; the others go on |

Nothing is ever given up: an alert waits for its upstream for ever.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.disk.outbox import UNSTORED, Row, Waiting
from gateway.events import Delivered, Fault, Restore
from gateway.upstream import Post, UpstreamDown

RETRY_FIRST_S = 0.25
RETRY_MAX_S = 15.0
REFUSED_FIRST_S = 5.0
REFUSED_MAX_S = 300.0
SIDE_BY_SIDE = 16
# Rows wake the drain; this is for a wake that was lost. So often an idle target is looked after, too.
LOOK_ANYWAY_S = 30.0

Send = Callable[[Row], Awaitable[None]]


class EventRefused(Exception):
    """The target takes events, but not this one; `reason` is short and stable."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)


class Busy(UpstreamDown):
    """The target is there and asks to be left alone for `after_s` seconds."""

    def __init__(self, reason: str, after_s: float) -> None:
        """Take the reason and the time."""
        self.after_s = after_s
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class _Held:
    """A row that was refused: not before `due` (seconds of the loop), then `delay_s` longer."""

    due: float
    delay_s: float


class Drain:
    """Hands the rows of the target `name` to `send`, up to 16 side by side."""

    def __init__(self, name: str, outbox: Waiting, post: Post, send: Send) -> None:
        """Send nothing yet."""
        self.up = False
        self._name = name
        self._source = f"upstream.{name}"
        self._outbox = outbox
        self._post = post
        self._send = send
        self._held: dict[str, _Held] = {}  # by event
        self._delay_s = RETRY_FIRST_S
        self._down: str | None = ""  # why; nothing is known yet

    async def run(self, probe: Callable[[], Awaitable[object]]) -> None:
        """Drain for ever; where nothing waits, `probe` looks whether the target is there."""
        while True:
            try:
                if not await self._round():
                    await probe()
                    self._works()
                    await self._outbox.changed(self._wait_s())
            except UpstreamDown as error:
                await self._rest(error)

    async def _round(self) -> bool:
        """Send what is due, side by side; say whether there was anything."""
        now = asyncio.get_running_loop().time()
        waiting = await self._outbox.rows(SIDE_BY_SIDE + len(self._held))
        self._forget(waiting)
        rows = [row for row in waiting if self._due(row, now)][:SIDE_BY_SIDE]
        results = await asyncio.gather(*map(self._deliver, rows), return_exceptions=True)
        errors = [result for result in results if result is not None]
        # A row that went says more about the target than one that did not, but the next round waits.
        for error in errors:
            if not isinstance(error, UpstreamDown):
                raise error
        if errors:
            raise errors[0]
        return bool(rows)

    async def _deliver(self, row: Row) -> None:
        """Send a row; when the target has confirmed it, let that be put on disk, too."""
        if row.confirmed_at is None:
            try:
                await self._send(row)
            except EventRefused as error:
                self._works()
                self._hold(row, error)
                return
        self._works()
        self._release(row.event)
        at = row.confirmed_at or time.time()
        settled = None
        if row.id != UNSTORED:
            settled = self._post(Delivered(row.id, self._name, row.incident, row.number, at))
        self._outbox.confirmed(row, at, settled)

    def _hold(self, row: Row, error: EventRefused) -> None:
        before = self._held.get(row.event)
        delay_s = min(before.delay_s * 2, REFUSED_MAX_S) if before else REFUSED_FIRST_S
        if not self._held:
            self._post(Fault(self._source, "event_refused", time.time(), error.reason))
        due = asyncio.get_running_loop().time() + delay_s
        self._held[row.event] = _Held(due, delay_s)

    def _release(self, event: str) -> None:
        if self._held.pop(event, None) and not self._held:
            self._post(Restore(self._source, "event_refused", time.time()))

    def _forget(self, waiting: list[Row]) -> None:
        """Hold nothing that no longer waits: its term may be over."""
        for event in self._held.keys() - {row.event for row in waiting}:
            self._release(event)

    def _due(self, row: Row, now: float) -> bool:
        held = self._held.get(row.event)
        return held is None or held.due <= now

    def _wait_s(self) -> float:
        now = asyncio.get_running_loop().time()
        due = min((held.due - now for held in self._held.values()), default=LOOK_ANYWAY_S)
        return max(0.0, min(due, LOOK_ANYWAY_S))

    def _works(self) -> None:
        self.up = True
        self._delay_s = RETRY_FIRST_S
        if self._down is not None:
            self._down = None
            self._post(Restore(self._source, "unreachable", time.time()))

    async def _rest(self, error: UpstreamDown) -> None:
        """Tell why, once for each cause, and leave the target alone for a while."""
        self.up = False
        if self._down != error.reason:
            self._down = error.reason
            self._post(Fault(self._source, "unreachable", time.time(), error.reason))
        asked_s = error.after_s if isinstance(error, Busy) else 0.0
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads gateways, hides nothing
        await asyncio.sleep(max(asked_s, self._delay_s * jitter))
        self._delay_s = min(self._delay_s * 2, RETRY_MAX_S)
