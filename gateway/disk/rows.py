"""Devices, incidents and faults on disk: each row is written in place, as few pages as can be."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from gateway.cases.incident import Incident, State
from gateway.events import Freshness
from gateway.frames.device_clock import DeviceClock
from gateway.frames.device_state import DeviceState
from gateway.frames.doubt import Doubt
from gateway.frames.told import Told

StoredClock = Callable[[DeviceClock], bytes]

LATEST_COLUMNS = (  # of what the last frame changes as a whole
    "clock",
    "doubt_below",
    "doubt_until",
    "heard_at",
    "contact_at",
    "heard_by",
    "medium",
    "battery_mv",
    "build",
    "status",
    "uptime_h",
    "exception",
)
STATE_COLUMNS = ("device", "seq", "window", "recent", "fingerprints", *LATEST_COLUMNS)
INCIDENT_COLUMNS = Incident._fields


def upsert(table: str, columns: Iterable[str]) -> str:
    """Return the statement that writes a row by its first column, where it stands if it is there.

    `INSERT OR REPLACE` would delete it and add another: twice the pages in every transaction.
    """
    key, *others = columns
    marks = ", ".join("?" * (1 + len(others)))
    changes = ", ".join(f"{name} = excluded.{name}" for name in others)
    return (
        f"INSERT INTO {table} ({', '.join((key, *others))}) VALUES ({marks})"  # noqa: S608 - our names
        f" ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )


_UPSERT_STATE = upsert("state", STATE_COLUMNS)
_UPSERT_INCIDENT = upsert("incident", INCIDENT_COLUMNS)
_incident_row = attrgetter(*INCIDENT_COLUMNS)


def write_states(
    connection: sqlite3.Connection,
    states: Mapping[str, DeviceState],
    stored_clock: StoredClock = DeviceClock.to_bytes,
    seq: int = 0,
) -> None:
    """Write long rows, of all that was heard up to `seq`; `stored_clock`: the form of a clock on disk."""
    for name, state in states.items():
        whole = (
            state.window.to_bytes(),
            state.recent_to_bytes(),
            state.fingerprints.to_bytes(),
        )
        row = (name, seq, *whole, *latest_row(state, stored_clock))
        connection.execute(_UPSERT_STATE, row)


def write_incidents(connection: sqlite3.Connection, incidents: Iterable[Incident]) -> None:
    """Write incidents, new or changed."""
    for incident in incidents:
        connection.execute(_UPSERT_INCIDENT, _incident_row(incident))


def write_faults(
    connection: sqlite3.Connection, faults: Mapping[tuple[str, str], float | None]
) -> None:
    """Write since when a fault stands, or (None) that it is over."""
    for (source, code), since in faults.items():
        connection.execute("DELETE FROM fault WHERE source = ? AND code = ?", (source, code))
        if since is not None:
            connection.execute(
                "INSERT INTO fault (source, code, since) VALUES (?, ?, ?)", (source, code, since)
            )


def read_long(
    connection: sqlite3.Connection,
) -> tuple[dict[str, DeviceState], dict[str, int]]:
    """Return what the long rows hold, and up to where each goes."""
    states, goes_to = {}, {}
    columns = ", ".join(STATE_COLUMNS)
    for name, seq, window, recent, prints, *latest in connection.execute(
        f"SELECT {columns} FROM state"  # noqa: S608 - our names
    ):
        state = states[name] = DeviceState()
        state.load(window, recent, prints)
        take_latest(state, latest)
        goes_to[name] = seq
    return states, goes_to


def read_incidents(connection: sqlite3.Connection) -> list[Incident]:
    """Return every incident, oldest first."""
    columns = ", ".join(INCIDENT_COLUMNS)
    return [
        _incident(dict(zip(INCIDENT_COLUMNS, row, strict=True)))
        for row in connection.execute(f"SELECT {columns} FROM incident ORDER BY opened_at")  # noqa: S608 - our names
    ]


def read_faults(connection: sqlite3.Connection) -> dict[tuple[str, str], float]:
    """Return what does not work in the gateway itself, and since when."""
    faults = connection.execute("SELECT source, code, since FROM fault")
    return {(source, code): since for source, code, since in faults}


def latest_row(state: DeviceState, stored_clock: StoredClock) -> tuple[object, ...]:
    """Return the columns that the last frame changes as a whole."""
    return (
        stored_clock(state.clock),
        state.doubt.below,
        state.doubt.until,
        state.heard_at,
        state.contact_at,
        state.heard_by,
        state.medium,
        *state.told.columns(),
    )


def take_latest(state: DeviceState, columns: Sequence[Any]) -> None:
    """Take them from a row."""
    clock, below, until, *last = columns
    state.clock = DeviceClock.from_bytes(clock)
    state.doubt = Doubt(below, until)
    state.heard_at, state.contact_at, state.heard_by, state.medium, *told = last
    state.told = Told(*told)


def _incident(fields: dict[str, object]) -> Incident:
    fields["state"] = State(str(fields["state"]))
    fields["freshness"] = Freshness(str(fields["freshness"]))
    for name in ("duress", "cancelled", "cancel_unverified", "delivered"):
        fields[name] = bool(fields[name])
    return Incident(**fields)  # type: ignore[arg-type]  # the columns are the fields
