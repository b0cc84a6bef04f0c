"""How far the plan has gone, as it is kept on disk: a row for each incident that is not closed."""

import json
import math
import sqlite3
from functools import lru_cache
from operator import attrgetter

from gateway.cases.incident import State
from gateway.disk.rows import upsert
from gateway.ledger import Batch
from gateway.response.escalation import Escalation

_COLUMNS = tuple(name for name in Escalation._fields if name != "next_s")  # it is reckoned
_WRITE = upsert("escalation", _COLUMNS)
_values = attrgetter(*_COLUMNS)


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
        connection.executemany(_WRITE, [_row(escalation) for escalation in kept])
    if over:
        gone = [(escalation.incident,) for escalation in over]
        connection.executemany("DELETE FROM escalation WHERE incident = ?", gone)


def _row(escalation: Escalation) -> list[object]:
    return [_stored(value) for value in _values(escalation)]


def _stored(value: object) -> object:
    if isinstance(value, tuple):
        return _listed(value)
    return None if value == math.inf else value


@lru_cache(64)
def _listed(targets: tuple[str, ...]) -> str:
    """Return a JSON list: of the few that one plan leads to, most are written again and again."""
    return json.dumps(targets)


def _escalation(fields: dict[str, object]) -> Escalation:
    for name in ("told", "told_now"):
        fields[name] = tuple(json.loads(str(fields[name])))
    for name in ("active", "nobody_told"):
        fields[name] = bool(fields[name])
    if fields["nobody_due_s"] is None:
        fields["nobody_due_s"] = math.inf
    return Escalation(**fields)  # type: ignore[arg-type]  # the columns are the fields
