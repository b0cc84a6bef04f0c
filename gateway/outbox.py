"""The rows that wait for an upstream: kept until it has confirmed them, ordered per subject."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from gateway.events import Delivered
from gateway.ledger import Notice
from gateway.schema import StoreFault

_SCAN_ROWS = 256
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A notice for one target, not confirmed yet. `event` stays the same at every attempt."""

    id: int
    event: str
    subject: str
    type: str
    at: float
    incident: str | None
    number: int
    data: Mapping[str, object]


class Waiting(Protocol):
    """What an upstream sees of the outbox."""

    async def rows(self, limit: int) -> list[Row]:
        """Return rows that may be sent side by side: at most one of each subject."""

    async def changed(self, timeout_s: float) -> None:
        """Return when there may be new rows, at the latest after `timeout_s`."""


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

    def wake(self) -> None:
        """Say that rows were committed."""
        self._wake.set()

    async def rows(self, limit: int) -> list[Row]:
        """Return rows that may be sent side by side: at most one of each subject, alerts first."""
        self._wake.clear()
        try:
            return await self._store.read(lambda found: waiting(found, self._target, limit))
        except StoreFault:  # told where it matters, at the next commit
            return []

    async def changed(self, timeout_s: float) -> None:
        """Return when there may be new rows, at the latest after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            return


def waiting(connection: sqlite3.Connection, target: str, limit: int) -> list[Row]:
    """Return the first row of each subject, alerts first, at most `limit`."""
    found: dict[str, Row] = {}
    cursor = connection.execute(
        "SELECT id, event, subject, type, at, incident, number, data FROM outbox"
        " WHERE target = ? AND delivered_at IS NULL ORDER BY urgent DESC, id LIMIT ?",
        (target, _SCAN_ROWS),
    )
    for row, event, subject, name, at, incident, number, data in cursor:
        if len(found) < limit and subject not in found:
            told = json.loads(data)
            found[subject] = Row(row, event, subject, name, at, incident, number, told)
    return list(found.values())


def insert(
    connection: sqlite3.Connection, notices: Iterable[Notice], targets: Iterable[str]
) -> None:
    """Put each notice into the outbox of each target."""
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
                json.dumps(notice.data, ensure_ascii=False),
            )
            for target in targets
            for notice in notices
        ],
    )


def mark_delivered(connection: sqlite3.Connection, delivered: Iterable[Delivered]) -> None:
    """Let confirmed rows wait no more."""
    connection.executemany(
        "UPDATE outbox SET delivered_at = ? WHERE id = ?",
        [(event.at, event.row) for event in delivered],
    )


def depth(connection: sqlite3.Connection, target: str) -> tuple[int, float | None]:
    """Return how many rows wait for `target`, and since when the oldest does."""
    count, oldest = connection.execute(
        "SELECT count(*), min(at) FROM outbox WHERE target = ? AND delivered_at IS NULL", (target,)
    ).fetchone()
    return count, oldest
