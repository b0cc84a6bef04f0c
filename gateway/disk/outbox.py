"""The rows that wait for an upstream: kept until it has confirmed them, ordered per subject.

Each target has its own, and drains it by itself: one that is dead delays no other. Where the disk takes
nothing, alerts go out from memory under the same ids: nobody upstream is told twice once they are stored,
and no wearer is told that they are.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

from gateway.disk.outbox_rows import Row, earlier, row_of, unstored, waiting
from gateway.disk.schema import StoreFault
from gateway.drafts import Notice, Written

_HELD_MAX = 1024
_KNOWN_MAX = 64
_KNOWN_FOR_S = 60.0  # then the disk is asked again: what waited too long may have been deleted
_NOTING_MAX = 256
_AT_ONCE_MAX = 2  # of more, each holds up the path: they go side by side behind it
T = TypeVar("T")


class Waiting(Protocol):
    """What an upstream sees of the outbox."""

    async def rows(self, limit: int) -> list[Row]:
        """Return rows that may be sent side by side: at most one of each subject."""

    async def changed(self, timeout_s: float) -> None:
        """Return when there may be new rows, at the latest after `timeout_s`."""

    def confirmed(self, row: Row, at: float, settled: asyncio.Future[str] | None) -> None:
        """Know that the target has confirmed a row; `settled` ends once that is on disk.

        None where the row itself is not stored.
        """


class Prompt(Waiting, Protocol):
    """One that also hands rows over where nothing waits before them."""

    def at_once(self, begin: Callable[[Row], None] | None) -> None:
        """Let `begin` start to send a row as soon as it is on disk; it comes by `rows` all the same."""


class Remembering(Waiting, Protocol):
    """An outbox that knows what it gave out before."""

    async def before(self, row: Row) -> list[tuple[str, str, float]]:
        """Return event, type and time of each earlier row of the incident, oldest first."""


class Reader(Protocol):
    """What the outbox needs of the store."""

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `query` finds."""


class Outbox:
    """The rows of one target.

    Where nothing waited when the disk was asked, what is written from then on is all that waits: such rows
    go out as they are handed over, and nothing is read. Where none waits before it, a row can leave in the
    very moment in which it is on disk (`at_once`).
    """

    def __init__(self, store: Reader, target: str) -> None:
        """Read what `store` holds for `target`."""
        self._store = store
        self._target = target
        self._wake = asyncio.Event()
        self._held: dict[str, Row] = {}  # by event
        self._confirmed: dict[str, float] = {}
        self._noting: set[int] = set()  # confirmed, and not on disk yet
        self._known: dict[int, Written] | None = None  # all that waits, by id; None: ask the disk
        self._asked_at = 0.0  # seconds of the loop
        self._reading = False
        self._begin: Callable[[Row], None] | None = None

    @property
    def unstored(self) -> int:
        """Count the alerts that wait in memory alone."""
        return len(self._held)

    def hold(self, notices: Iterable[Notice]) -> None:
        """Take what could not be stored: alerts are sent all the same, whoever they are for."""
        for notice in notices:
            if notice.urgent and notice.id not in self._confirmed and len(self._held) < _HELD_MAX:
                self._held.setdefault(notice.id, unstored(notice))
                self._wake.set()

    def confirmed(self, row: Row, at: float, settled: asyncio.Future[str] | None) -> None:
        """Know that the target has confirmed a row; `settled` ends once that is on disk.

        Nobody waits for it: where the disk takes nothing, the next row goes out all the same.
        """
        if settled is not None:
            self._noting.add(row.id)
            settled.add_done_callback(lambda _: self._noted(row.id))
            return
        self._held.pop(row.event, None)
        self._confirmed[row.event] = at
        while len(self._confirmed) > _HELD_MAX:
            del self._confirmed[next(iter(self._confirmed))]

    def _noted(self, row: int) -> None:
        self._noting.discard(row)
        if self._known is not None:
            self._known.pop(row, None)
        if not self._noting:
            self.wake()

    def at_once(self, begin: Callable[[Row], None] | None) -> None:
        """Let `begin` start to send a row as soon as it is on disk, or nobody any more."""
        self._begin = begin

    def wake(self) -> None:
        """Say that there may be rows."""
        self._wake.set()

    def committed(self, written: Iterable[Written]) -> None:
        """Take what is on disk now for this target, in its order."""
        mine = {row.columns[0]: row for row in written if row.target == self._target}
        if self._begin is not None and self._idle:
            for row in _first_of_each(mine.values(), _AT_ONCE_MAX):
                if row.columns[1] not in self._confirmed:
                    self._begin(row_of(row.columns))
        if self._known is not None:
            self._known |= mine
            if len(self._known) > _KNOWN_MAX:
                self._known = None
        if mine:
            self._wake.set()

    @property
    def _idle(self) -> bool:
        """Say whether nothing waits, for sure."""
        return not (
            self._known is None or self._known or self._reading or self._noting or self._held
        )

    async def rows(self, limit: int) -> list[Row]:
        """Return rows that may be sent side by side: at most one of each subject, alerts first."""
        self._wake.clear()
        stored = self._known_first(limit)
        if stored is None:
            stored = await self._read(limit)
        return [*self._held_before(stored), *map(self._as_confirmed, stored)][:limit]

    def _known_first(self, limit: int) -> list[Row] | None:
        """Return what `waiting` would find, None where the disk has to be asked."""
        now = asyncio.get_running_loop().time()
        if self._known is None or now > self._asked_at + _KNOWN_FOR_S:
            return None
        due = [row for row in self._known.values() if row.columns[0] not in self._noting]
        return [row_of(row.columns) for row in _first_of_each(due, limit)]

    async def _read(self, limit: int) -> list[Row]:
        noting = len(self._noting)
        self._known = {}  # what is committed from here on
        self._reading = True
        try:
            stored = await self._store.read(self._waiting(limit))
        except StoreFault:  # told where it matters, at the next commit
            self._known = None
            return []
        finally:
            self._reading = False
        if stored or noting:
            self._known = None
        self._asked_at = asyncio.get_running_loop().time()
        return stored

    def _waiting(self, limit: int) -> Callable[[sqlite3.Connection], list[Row]]:
        if len(self._noting) >= _NOTING_MAX:
            return lambda _: []
        noting = frozenset(self._noting)
        return lambda found: waiting(found, self._target, limit, noting)

    def _held_before(self, stored: list[Row]) -> list[Row]:
        """Return the first held row of each subject of which nothing stored comes before it."""
        for row in stored:
            self._held.pop(row.event, None)
        taken = {row.subject for row in stored}
        first: dict[str, Row] = {}
        for row in self._held.values():
            if row.subject not in taken:
                first.setdefault(row.subject, row)
        return list(first.values())

    def _as_confirmed(self, row: Row) -> Row:
        at = self._confirmed.get(row.event)
        return row if at is None else replace(row, confirmed_at=at)

    async def before(self, row: Row) -> list[tuple[str, str, float]]:
        """Return event, type and time of each earlier row of the incident that the disk still has."""
        try:
            return await self._store.read(lambda found: earlier(found, self._target, row))
        except StoreFault:
            return []

    async def changed(self, timeout_s: float) -> None:
        """Return when there may be new rows, at the latest after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            return


def _first_of_each(rows: Iterable[Written], limit: int) -> list[Written]:
    """Return the first of each subject, alerts first."""
    first: dict[str, Written] = {}
    for row in sorted(rows, key=_place):
        first.setdefault(row.columns[2], row)
    return list(first.values())[:limit]


def _place(row: Written) -> tuple[bool, int]:
    """Return where a row stands among those that wait: alerts first, then by age."""
    return not row.urgent, row.columns[0]
