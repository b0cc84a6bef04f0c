"""The rows that wait for an upstream: kept until it has confirmed them, ordered per subject.

Each target has its own, and drains it by itself: one that is dead delays no other. Where the disk takes
nothing, alerts go out from memory under the same ids: nobody upstream is told twice once they are stored,
and no wearer is told that they are.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from gateway.disk.schema import StoreFault
from gateway.drafts import Notice
from gateway.events import Delivered

UNSTORED = -1  # the id of a row that no database has
_SCAN_ROWS = 256
_HELD_MAX = 1024
_NOTING_MAX = 256
_COLUMNS = "id, event, subject, type, at, incident, number, data"
_FIRST = (
    f"SELECT {_COLUMNS} FROM outbox WHERE target = ? AND delivered_at IS NULL"  # noqa: S608
    " ORDER BY urgent DESC, id LIMIT ?"
)
_FIRST_OF_EACH = (
    f"SELECT {_COLUMNS} FROM outbox WHERE id IN (SELECT min(id) FROM outbox"  # noqa: S608
    " WHERE target = ? AND delivered_at IS NULL"
    " AND id NOT IN (SELECT value FROM json_each(?)) GROUP BY subject)"
    " ORDER BY urgent DESC, id LIMIT ?"
)
_EARLIER = (  # an event is named for its incident: so the index of events finds them
    "SELECT event, type, at FROM outbox WHERE target = ? AND event >= ? AND event < ? AND number < ?"
    " ORDER BY number"
)
T = TypeVar("T")
_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Row:
    """A notice for one target. `event` stays the same at every attempt.

    `confirmed_at`: when the target confirmed it while it was not stored; to be noted, not sent again.
    """

    id: int
    event: str
    subject: str
    type: str
    at: float
    incident: str | None
    number: int
    data: Mapping[str, object]
    confirmed_at: float | None = None


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


class Reader(Protocol):
    """What the outbox needs of the store."""

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `query` finds."""


class Outbox:
    """The rows of one target."""

    def __init__(self, store: Reader, target: str) -> None:
        """Read what `store` holds for `target`."""
        self._store = store
        self._target = target
        self._wake = asyncio.Event()
        self._held: dict[str, Row] = {}  # by event
        self._confirmed: dict[str, float] = {}
        self._noting: set[int] = set()  # confirmed, and not on disk yet

    @property
    def unstored(self) -> int:
        """Count the alerts that wait in memory alone."""
        return len(self._held)

    def hold(self, notices: Iterable[Notice]) -> None:
        """Take what could not be stored: alerts are sent all the same, whoever they are for."""
        for notice in notices:
            if notice.urgent and notice.id not in self._confirmed and len(self._held) < _HELD_MAX:
                self._held.setdefault(notice.id, _unstored(notice))
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
        if not self._noting:
            self.wake()

    def wake(self) -> None:
        """Say that rows were committed."""
        self._wake.set()

    async def rows(self, limit: int) -> list[Row]:
        """Return rows that may be sent side by side: at most one of each subject, alerts first."""
        self._wake.clear()
        try:
            stored = await self._store.read(self._waiting(limit))
        except StoreFault:  # told where it matters, at the next commit
            stored = []
        return [*self._held_before(stored), *map(self._as_confirmed, stored)][:limit]

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


def waiting(
    connection: sqlite3.Connection,
    target: str,
    limit: int,
    but: frozenset[int] = frozenset(),
) -> list[Row]:
    """Return the first row of each subject, alerts first, at most `limit`; those of `but` do not wait."""
    first: dict[str, tuple[Any, ...]] = {}
    seen = 0
    for row in connection.execute(_FIRST, (target, _SCAN_ROWS + len(but))):
        seen += 1
        if row[0] not in but:
            first.setdefault(row[2], row)
    if len(first) < limit and seen >= _SCAN_ROWS:  # few subjects hide the others behind them
        found = connection.execute(_FIRST_OF_EACH, (target, json.dumps(list(but)), limit))
        first = {row[2]: row for row in found}
    return [_row(row) for row in list(first.values())[:limit]]


def earlier(connection: sqlite3.Connection, target: str, row: Row) -> list[tuple[str, str, float]]:
    """Return event, type and time of the rows of an incident before `row`, in their order."""
    if row.incident is None:
        return []
    found = connection.execute(
        _EARLIER, (target, f"{row.incident}.", f"{row.incident}/", row.number)
    )
    return found.fetchall()


def insert(
    connection: sqlite3.Connection,
    notices: Iterable[Notice],
    targets: Iterable[str],
    stamp: Mapping[str, object] | None = None,
) -> None:
    """Put each notice, its data with `stamp`, into the outbox of each of `targets` that it is for."""
    told = [(notice, _json({**notice.data, **(stamp or {})})) for notice in notices]
    connection.executemany(
        "INSERT OR IGNORE INTO outbox"
        " (target, event, subject, urgent, type, at, incident, number, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                target,
                notice.id,
                notice.subject,
                notice.urgent,
                notice.type,
                notice.at,
                notice.incident,
                notice.number,
                data,
            )
            for notice, data in told
            for target in targets
            if notice.targets is None or target in notice.targets
        ],
    )


def _row(found: tuple[Any, ...]) -> Row:
    row, event, subject, name, at, incident, number, data = found
    return Row(row, event, subject, name, at, incident, number, json.loads(data))


def _unstored(notice: Notice) -> Row:
    return Row(
        UNSTORED,
        notice.id,
        notice.subject,
        notice.type,
        notice.at,
        notice.incident,
        notice.number,
        {**notice.data, "stored": False},
    )


def mark_delivered(connection: sqlite3.Connection, delivered: Iterable[Delivered]) -> None:
    """Let confirmed rows wait no more."""
    for event in delivered:
        connection.execute("UPDATE outbox SET delivered_at = ? WHERE id = ?", (event.at, event.row))


def depth(connection: sqlite3.Connection, target: str) -> tuple[int, float | None]:
    """Return how many rows wait for `target`, and since when the oldest does."""
    (count,) = connection.execute(
        "SELECT count(*) FROM outbox WHERE target = ? AND delivered_at IS NULL", (target,)
    ).fetchone()
    oldest = [
        row[0]
        for urgent in (0, 1)  # so each is the first of the index: there may be many
        for row in connection.execute(
            "SELECT at FROM outbox WHERE target = ? AND delivered_at IS NULL AND urgent = ?"
            " ORDER BY id LIMIT 1",
            (target, urgent),
        )
    ]
    return count, min(oldest, default=None)
