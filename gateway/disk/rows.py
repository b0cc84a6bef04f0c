"""Devices, incidents and faults on disk: each row is written in place, as few pages as can be."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter

from gateway.cases.incident import Incident, State
from gateway.events import Freshness
from gateway.frames.device_clock import DeviceClock
from gateway.frames.device_state import DeviceState
from gateway.frames.doubt import Doubt
from gateway.frames.told import Told

StoredClock = Callable[[DeviceClock], bytes]

STATE_COLUMNS = (
    "device",
    "window",
    "recent",
    "fingerprints",
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
INCIDENT_COLUMNS = tuple(Incident.__slots__)


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
) -> None:
    """Write what is remembered of devices; `stored_clock` gives the form of a clock on disk."""
    for name, state in states.items():
        connection.execute(_UPSERT_STATE, _state_row(name, state, stored_clock))


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


def read_states(connection: sqlite3.Connection) -> dict[str, DeviceState]:
    """Return what is remembered of every device that was heard."""
    states = {}
    columns = ", ".join(STATE_COLUMNS)
    for name, window, recent, prints, clock, below, until, *last in connection.execute(
        f"SELECT {columns} FROM state"  # noqa: S608 - our names
    ):
        state = DeviceState()
        state.load(window, recent, prints)
        state.clock = DeviceClock.from_bytes(clock)
        state.doubt = Doubt(below, until)
        state.heard_at, state.contact_at, state.heard_by, state.medium, *told = last
        state.told = Told(*told)
        states[name] = state
    return states


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


def _state_row(name: str, state: DeviceState, stored_clock: StoredClock) -> tuple[object, ...]:
    return (
        name,
        state.window.to_bytes(),
        state.recent_to_bytes(),
        state.fingerprints.to_bytes(),
        stored_clock(state.clock),
        state.doubt.below,
        state.doubt.until,
        state.heard_at,
        state.contact_at,
        state.heard_by,
        state.medium,
        *state.told.columns(),
    )


def _incident(fields: dict[str, object]) -> Incident:
    fields["state"] = State(str(fields["state"]))
    fields["freshness"] = Freshness(str(fields["freshness"]))
    for name in ("duress", "cancelled", "cancel_unverified", "delivered"):
        fields[name] = bool(fields[name])
    return Incident(**fields)  # type: ignore[arg-type]  # the columns are the fields
