"""How far the plan has gone, as it is kept on disk: a row for each incident that is not closed."""

import json
import math
import sqlite3
from collections.abc import Iterator

from gateway.cases.incident import State
from gateway.disk.rows import upsert
from gateway.ledger import Batch
from gateway.response.escalation import Escalation

_COLUMNS = tuple(name for name in Escalation.__slots__ if name != "next_s")  # it is reckoned
_WRITE = upsert("escalation", _COLUMNS)


def read_escalations(connection: sqlite3.Connection) -> dict[str, Escalation]:
    """Return how far the plan has gone for each incident."""
    rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM escalation")  # noqa: S608 - our names
    return {row[0]: _escalation(dict(zip(_COLUMNS, row, strict=True))) for row in rows}


def write_escalations(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write those that `batch` has changed; one of a closed incident is over, and goes."""
    kept: list[Escalation] = []
    over: list[Escalation] = []
    for escalation in batch.escalations.values():
        incident = batch.incident(escalation.incident)
        ended = incident is None or incident.state is State.CLOSED
        (over if ended else kept).append(escalation)
    if kept:
        connection.executemany(_WRITE, [list(_row(escalation)) for escalation in kept])
    if over:
        gone = [(escalation.incident,) for escalation in over]
        connection.executemany("DELETE FROM escalation WHERE incident = ?", gone)


def _row(escalation: Escalation) -> Iterator[object]:
    for column in _COLUMNS:
        value = getattr(escalation, column)
        if isinstance(value, tuple):
            yield json.dumps(value)
        else:
            yield None if value == math.inf else value


def _escalation(fields: dict[str, object]) -> Escalation:
    for name in ("told", "told_now"):
        fields[name] = tuple(json.loads(str(fields[name])))
    for name in ("active", "nobody_told"):
        fields[name] = bool(fields[name])
    if fields["nobody_due_s"] is None:
        fields["nobody_due_s"] = math.inf
    return Escalation(**fields)  # type: ignore[arg-type]  # the columns are the fields
