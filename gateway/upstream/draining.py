"""How a way out empties its outbox row by row, and what it says of itself."""

import random
import time
from collections.abc import Awaitable, Callable, Iterable

from gateway.disk.outbox import UNSTORED, Row, Waiting
from gateway.events import Delivered, Fault, Restore
from gateway.upstream import Post, UpstreamDown

RETRY_FIRST_S = 1.0
RETRY_MAX_S = 30.0
_AT_ONCE = 16
_LOOK_ANYWAY_S = 30.0
_PROBE_EVERY_S = 300.0


Tell = Callable[[Row], Awaitable[bool]]
Probe = Callable[[], Awaitable[None]]


class NotTaken(Exception):
    """The other end answers, and does not take this one; `reason` is short and stable."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason
        super().__init__(reason)


class Draining:
    """Tells rows one after another, alerts first, each until it is taken.

    `tell` returns whether the row is one that it tells: what it does not has reached nobody. It raises
    `UpstreamDown` where none can be told now, `NotTaken` where this one cannot.
    """

    def __init__(self, name: str, outbox: Waiting, post: Post, tell: Tell, probe: Probe) -> None:
        """Take the rows of the upstream `name`; where none waits, `probe` asks now and then."""
        self.up = False
        self._name = name
        self._source = f"upstream.{name}"
        self._outbox = outbox
        self._post = post
        self._tell = tell
        self._probe = probe
        self._asked_s = -_PROBE_EVERY_S
        self._wrong: dict[str, str] = {}  # why, of each fault; empty: it does not stand
        self._delay_s = RETRY_FIRST_S

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            rows = await self._outbox.rows(_AT_ONCE)
            if not await self._tell_all(rows):  # what is new is tried at once all the same
                await self._outbox.changed(self._delay_s * random.uniform(0.5, 1.0))  # noqa: S311
                self._delay_s = min(self._delay_s * 2, RETRY_MAX_S)
            elif not rows:
                await self._look()
                await self._outbox.changed(_LOOK_ANYWAY_S)

    async def _look(self) -> None:
        now_s = time.monotonic()
        if self.up and now_s < self._asked_s + _PROBE_EVERY_S:
            return
        self._asked_s = now_s
        try:
            await self._probe()
        except (UpstreamDown, NotTaken) as error:
            self.down(error.reason)
        else:
            self.answers()

    async def _tell_all(self, rows: Iterable[Row]) -> bool:
        """Say whether none of them has to be tried again."""
        done = True
        for row in rows:
            done = await self._tell_one(row) and done
            if not self.up:  # an alert may have come, and goes before the others
                break
        return done

    async def _tell_one(self, row: Row) -> bool:
        """Tell a row, unless that is done and only not noted yet; say whether it waits no more."""
        told = True
        if row.confirmed_at is None:
            try:
                told = await self._tell(row)
            except UpstreamDown as error:
                self.down(error.reason)
                return False
            except NotTaken as error:
                self.fault("refused", error.reason)
                return False
            if told:
                self._works()
        self._settle(row, told=told)
        return True

    def _works(self) -> None:
        self._delay_s = RETRY_FIRST_S
        self.restore("refused")
        self.answers()

    def _settle(self, row: Row, *, told: bool) -> None:
        at = row.confirmed_at or time.time()
        settled = None
        if row.id != UNSTORED:
            incident, number = (row.incident, row.number) if told else (None, 0)
            settled = self._post(Delivered(row.id, self._name, incident, number, at))
        self._outbox.confirmed(row, at, settled)

    def answers(self) -> None:
        """Know that the other end is there."""
        self.up = True
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
