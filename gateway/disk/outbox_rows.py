"""The table of the outbox: what each target is still to be told, and what it was."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.drafts import Notice, Written
from gateway.events import Delivered

UNSTORED = -1  # the id of a row that no database has
SCAN_ROWS = 256
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
_INSERT = (
    "INSERT OR IGNORE INTO outbox"
    " (target, urgent, event, subject, type, at, incident, number, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


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


def waiting(
    connection: sqlite3.Connection,
    target: str,
    limit: int,
    but: frozenset[int] = frozenset(),
) -> list[Row]:
    """Return the first row of each subject, alerts first, at most `limit`; those of `but` do not wait."""
    first: dict[str, tuple[Any, ...]] = {}
    seen = 0
    for row in connection.execute(_FIRST, (target, SCAN_ROWS + len(but))):
        seen += 1
        if row[0] not in but:
            first.setdefault(row[2], row)
    if len(first) < limit and seen >= SCAN_ROWS:  # few subjects hide the others behind them
        found = connection.execute(_FIRST_OF_EACH, (target, json.dumps(list(but)), limit))
        first = {row[2]: row for row in found}
    return [row_of(row) for row in list(first.values())[:limit]]


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
) -> list[Written]:
    """Put each notice, its data with `stamp`, into the outbox of each of `targets` that it is for.

    Return what was not there yet.
    """
    written = []
    for notice in notices:
        data = orjson.dumps({**notice.data, **(stamp or {})}).decode()
        told = (notice.id, notice.subject, notice.type, notice.at, notice.incident, notice.number)
        for target in targets:
            if notice.targets is None or target in notice.targets:
                done = connection.execute(_INSERT, (target, notice.urgent, *told, data))
                if done.rowcount and done.lastrowid is not None:
                    written.append(Written(target, notice.urgent, (done.lastrowid, *told, data)))
    return written


def row_of(found: tuple[Any, ...]) -> Row:
    """Return a row from its columns."""
    row, event, subject, name, at, incident, number, data = found
    return Row(row, event, subject, name, at, incident, number, json.loads(data))


def unstored(notice: Notice) -> Row:
    """Return what tells a notice that no database has."""
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
