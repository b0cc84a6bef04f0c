"""Drains the outbox of a way out that takes one event a request: who waits, and for how long.

| what came of a request | then |
|---|---|
| the target took the event | `Delivered` is posted, the row is done |
| it has no words for it | the same, of no incident: nobody was told |
| `UpstreamDown` | the whole target waits, twice as long each time, at least as long as it asked for |
| `EventRefused` | this row alone waits, and what follows it in its subject; the others go on |

What fails beside others that the target takes is refused, too. Nothing is ever given up: an alert waits
for its upstream for ever.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway import pulse
from gateway.disk.outbox import Waiting
from gateway.disk.outbox_rows import UNSTORED, Row
from gateway.events import Delivered, Fault, Restore
from gateway.upstream import Post, UpstreamDown
from gateway.upstream.heeding import heeding

RETRY_FIRST_S = 0.25
RETRY_MAX_S = 15.0
REFUSED_FIRST_S = 5.0
REFUSED_MAX_S = 60.0
SIDE_BY_SIDE = 16
PROBE_EVERY_S = 60.0
# Rows wake the drain; this is for a wake that was lost.
LOOK_ANYWAY_S = 30.0

Send = Callable[[Row], Awaitable[bool]]
"""Gives a row to the target; False where that has no words for it. Raises what the table says."""
Probe = Callable[[], Awaitable[object]]


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
    """Hands the rows of the target `name` to `send`, at most `side_by_side` at once."""

    def __init__(
        self, name: str, outbox: Waiting, post: Post, send: Send, side_by_side: int = SIDE_BY_SIDE
    ) -> None:
        """Send nothing yet."""
        self.up = False
        self._name = name
        self._source = f"upstream.{name}"
        self._outbox = outbox
        self._post = post
        self._send = send
        self._side_by_side = side_by_side
        self._held: dict[str, _Held] = {}  # by event
        self._wrong: dict[str, str] = {}  # why, of each fault; "": it does not stand
        self._delay_s = RETRY_FIRST_S
        self._heard_at = float("-inf")

    async def run(self, probe: Probe, every_s: float | None = None) -> None:
        """Drain for ever; where nothing waits, `probe` looks every minute whether the target is there."""
        while True:
            pulse.beat()
            try:
                if not await self._round():
                    await self._look(probe, PROBE_EVERY_S if every_s is None else every_s)
                    await self._outbox.changed(self._wait_s())
            except UpstreamDown as error:
                await self._rest(error)

    async def _look(self, probe: Probe, every_s: float) -> None:
        if not self.up or self._heard_at + every_s <= _now():
            await heeding(probe())
            self.answers()

    async def _round(self) -> bool:
        """Send what is due, side by side; say whether there was anything."""
        now = _now()
        limit = self._side_by_side + len(self._held)
        waiting = await self._outbox.rows(limit)
        if len(waiting) < limit:  # then it is all there is
            self._forget(waiting)
        rows = [row for row in waiting if self._due(row, now)][: self._side_by_side]
        results = await asyncio.gather(*map(self._deliver, rows), return_exceptions=True)
        self._judge(rows, results)
        return bool(rows)

    def _judge(self, rows: list[Row], results: list[bool | BaseException]) -> None:
        """Raise why the target as a whole has to wait; hold the rows that it alone did not take."""
        there = True in results
        for row, result in zip(rows, results, strict=True):
            if isinstance(result, BaseException):
                if not isinstance(result, UpstreamDown) or isinstance(result, Busy) or not there:
                    raise result
                self._hold(row, result.reason)

    async def _deliver(self, row: Row) -> bool:
        """Send a row and settle it; say whether the target has answered."""
        answered = False
        if row.confirmed_at is None:
            try:
                answered = await heeding(self._send(row))
            except EventRefused as error:
                self.answers()
                self._hold(row, error.reason)
                return True
        if answered:
            self.answers()
        self._release(row.event)
        self._settle(row, told=answered or row.confirmed_at is not None)
        return answered

    def _settle(self, row: Row, *, told: bool) -> None:
        """Let it be put on disk that a row waits no more, and of which incident somebody was told."""
        at = row.confirmed_at or time.time()
        settled = None
        if row.id != UNSTORED:
            incident, number = (row.incident, row.number) if told else (None, 0)
            settled = self._post(Delivered(row.id, self._name, incident, number, at))
        self._outbox.confirmed(row, at, settled)

    def _hold(self, row: Row, reason: str) -> None:
        before = self._held.get(row.event)
        delay_s = min(before.delay_s * 2, REFUSED_MAX_S) if before else REFUSED_FIRST_S
        self._held[row.event] = _Held(_now() + delay_s, delay_s)
        self.fault("event_refused", reason)

    def _release(self, event: str) -> None:
        self._held.pop(event, None)
        if not self._held:
            self.restore("event_refused")

    def _forget(self, waiting: list[Row]) -> None:
        """Hold nothing that no longer waits: its term may be over."""
        for event in self._held.keys() - {row.event for row in waiting}:
            self._release(event)

    def _due(self, row: Row, now: float) -> bool:
        held = self._held.get(row.event)
        return held is None or held.due <= now

    def _wait_s(self) -> float:
        due = min((held.due - _now() for held in self._held.values()), default=LOOK_ANYWAY_S)
        return max(0.0, min(due, LOOK_ANYWAY_S))

    async def _rest(self, error: UpstreamDown) -> None:
        """Tell why, and leave the target alone for a while."""
        self.down(error.reason)
        asked_s = error.after_s if isinstance(error, Busy) else 0.0
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads gateways, hides nothing
        await _resting(max(asked_s, self._delay_s * jitter))
        self._delay_s = min(self._delay_s * 2, RETRY_MAX_S)

    def answers(self) -> None:
        """Know that the target is there."""
        self.up = True
        self._heard_at = _now()
        self._delay_s = RETRY_FIRST_S
        self.restore("unreachable")

    def down(self, why: str) -> None:
        """Know that it is not."""
        self.up = False
        self.fault("unreachable", why)

    def fault(self, code: str, why: str) -> None:
        """Tell a fault, once for each reason."""
        if self._wrong.get(code) != why:
            self._wrong[code] = why
            self._post(Fault(self._source, code, time.time(), why))

    def restore(self, code: str) -> None:
        """Tell the end of a fault; the first time also of one that stood when the gateway stopped."""
        if self._wrong.get(code) != "":
            self._wrong[code] = ""
            self._post(Restore(self._source, code, time.time()))


async def _resting(left_s: float) -> None:
    """Sleep, which may be for an hour, and go on meanwhile."""
    while left_s > 0:
        pulse.beat()
        await asyncio.sleep(min(left_s, LOOK_ANYWAY_S))
        left_s -= LOOK_ANYWAY_S


def _now() -> float:
    return asyncio.get_running_loop().time()
