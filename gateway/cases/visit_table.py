"""Timed visits as they are kept on disk: one a device, its times in those of the wall clock."""

import json
import math
import sqlite3

from gateway.cases.visit import Visit
from gateway.disk.rows import upsert
from gateway.ledger import Batch

_COLUMNS = (
    "device",
    "starts",
    "others",
    "minutes",
    "started_at",
    "due_at",
    "ended_at",
    "overdue",
    "end_shown",
)
_WRITE = upsert("visit", _COLUMNS)


def write_visits(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write those that `batch` has changed: a deadline as the wall clock will show it by then."""
    ahead_s = batch.at - batch.now
    for visit in batch.visits.values():
        row = (
            visit.device,
            json.dumps(visit.starts),
            json.dumps(visit.others),
            visit.minutes,
            visit.started_at,
            visit.due_s + ahead_s if visit.starts else None,
            visit.ended_at,
            visit.overdue,
            visit.end_shown,
        )
        connection.execute(_WRITE, row)


def read_visits(connection: sqlite3.Connection, now: float, at: float) -> dict[str, Visit]:
    """Return the last visit of each device at `now`, gateway time, when the wall clock shows `at`."""
    visits = {}
    for device, starts, others, minutes, started_at, due_at, ended_at, *said in connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM visit"  # noqa: S608 - our names
    ):
        visit = Visit(
            device,
            tuple(json.loads(starts)),
            tuple(json.loads(others)),
            minutes,
            started_at,
            math.inf if due_at is None else due_at + now - at,
            ended_at,
            *map(bool, said),
        )
        visits[device] = visit.not_postponed(now)
    return visits
