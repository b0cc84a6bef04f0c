"""The database: one connection on one thread, one transaction a batch, on disk before it returns."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gateway import outbox
from gateway.device_clock import DeviceClock
from gateway.device_state import DeviceState
from gateway.events import Freshness
from gateway.incident import Incident, State
from gateway.ledger import Batch, Committed, Entry
from gateway.schema import StoreFault, migrate
from gateway.told import Told

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL loses the last commits of a WAL at a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 2000",  # `enrol` may be writing
)
_INCIDENT_COLUMNS = tuple(Incident.__slots__)
_BLAME_US = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)


def connect(path: Path) -> sqlite3.Connection:
    """Open the database of `path`, make it where it is missing, and bring its tables up to date."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


class Store:
    """The database while the service runs."""

    def __init__(
        self,
        path: Path,
        targets: tuple[str, ...],
        stored_clock: Callable[[DeviceClock], bytes] = DeviceClock.to_bytes,
    ) -> None:
        """Take the file, the upstreams every notice goes to, and the form of a clock on disk."""
        self._path = path
        self._targets = targets
        self._stored_clock = stored_clock
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file; raise `sqlite3.Error` or `NewerSchema`."""
        self._connection = await self._run(lambda: connect(self._path))

    async def close(self) -> None:
        """Finish what is being written and close the file."""
        if self._connection is not None:
            await self._run(self._connection.close)
        self._worker.shutdown()

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `query` finds; raise `StoreFault`."""
        return await self._run(lambda: self._read(query))

    async def commit(self, batch: Batch) -> Committed:
        """Write all of `batch` or, raising `StoreFault`, nothing; return when it is on disk."""
        return await self._run(lambda: self._commit(batch))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("the store is not open")
        return self._connection

    def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return query(self._open_connection())
        except sqlite3.DatabaseError as error:
            raise _fault(error) from error

    def _commit(self, batch: Batch) -> Committed:
        connection = self._open_connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            self._write(connection, batch)
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if connection.in_transaction:  # some errors have ended it already
                connection.execute("ROLLBACK")
            raise _fault(error) from error
        return Committed(batch, time.time())

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> None:
        _write_states(connection, batch.states, self._stored_clock)
        _write_incidents(connection, batch.incidents)
        _write_faults(connection, batch.faults)
        _write_journal(connection, batch.journal)
        outbox.insert(connection, batch.notices, self._targets)
        outbox.mark_delivered(connection, batch.delivered)


def read_states(connection: sqlite3.Connection) -> dict[str, DeviceState]:
    """Return what is remembered of every device that was heard."""
    states = {}
    for name, window, recent, prints, clock, heard_at, contact_at, *last in connection.execute(
        "SELECT device, window, recent, fingerprints, clock, heard_at, contact_at, heard_by, medium,"
        " battery_mv, build, status, uptime_h, exception FROM state"
    ):
        state = DeviceState()
        state.load(window, recent, prints)
        state.clock = DeviceClock.from_bytes(clock)
        state.heard_at, state.contact_at = heard_at, contact_at
        state.heard_by, state.medium, *told = last
        state.told = Told(*told)
        states[name] = state
    return states


def read_incidents(connection: sqlite3.Connection) -> list[Incident]:
    """Return every incident, oldest first."""
    columns = ", ".join(_INCIDENT_COLUMNS)
    return [
        _incident(dict(zip(_INCIDENT_COLUMNS, row, strict=True)))
        for row in connection.execute(f"SELECT {columns} FROM incident ORDER BY opened_at")  # noqa: S608 - our names
    ]


def read_faults(connection: sqlite3.Connection) -> dict[tuple[str, str], float]:
    """Return what does not work in the gateway itself, and since when."""
    rows = connection.execute("SELECT source, code, since FROM fault")
    return {(source, code): since for source, code, since in rows}


def read_journal(connection: sqlite3.Connection, incident: str) -> list[dict[str, object]]:
    """Return the timeline of an incident."""
    return [
        {"at": at, "written_at": written_at, "event": name, **json.loads(detail)}
        for at, written_at, name, detail in connection.execute(
            "SELECT at, written_at, name, detail FROM journal WHERE incident = ? ORDER BY id",
            (incident,),
        )
    ]


def _incident(fields: dict[str, object]) -> Incident:
    fields["state"] = State(str(fields["state"]))
    fields["freshness"] = Freshness(str(fields["freshness"]))
    for name in ("duress", "cancelled", "cancel_unverified", "delivered"):
        fields[name] = bool(fields[name])
    return Incident(**fields)  # type: ignore[arg-type]  # the columns are the fields


def _write_states(
    connection: sqlite3.Connection,
    states: dict[str, DeviceState],
    stored_clock: Callable[[DeviceClock], bytes],
) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO state"
        " (device, window, recent, fingerprints, clock, heard_at, contact_at, heard_by, medium,"
        " battery_mv, build, status, uptime_h, exception)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                name,
                state.window.to_bytes(),
                state.recent_to_bytes(),
                state.fingerprints.to_bytes(),
                stored_clock(state.clock),
                state.heard_at,
                state.contact_at,
                state.heard_by,
                state.medium,
                *state.told.columns(),
            )
            for name, state in states.items()
        ],
    )


def _write_incidents(connection: sqlite3.Connection, incidents: dict[str, Incident]) -> None:
    names = ", ".join(_INCIDENT_COLUMNS)
    marks = ", ".join("?" * len(_INCIDENT_COLUMNS))
    connection.executemany(
        f"INSERT OR REPLACE INTO incident ({names}) VALUES ({marks})",  # noqa: S608 - our names
        [
            [getattr(incident, column) for column in _INCIDENT_COLUMNS]
            for incident in incidents.values()
        ],
    )


def _write_faults(
    connection: sqlite3.Connection, faults: dict[tuple[str, str], float | None]
) -> None:
    for (source, code), since in faults.items():
        connection.execute("DELETE FROM fault WHERE source = ? AND code = ?", (source, code))
        if since is not None:
            connection.execute("INSERT INTO fault VALUES (?, ?, ?)", (source, code, since))


def _write_journal(connection: sqlite3.Connection, journal: list[Entry]) -> None:
    now = time.time()
    connection.executemany(
        "INSERT INTO journal (at, written_at, name, incident, device, detail)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (entry.at, now, entry.name, entry.incident, entry.device, json.dumps(entry.detail))
            for entry in journal
        ],
    )


def _fault(error: sqlite3.DatabaseError) -> StoreFault:
    """Tell what the disk is to blame for; raise what we are."""
    if isinstance(error, _BLAME_US):
        raise error
    return StoreFault(type(error).__name__, getattr(error, "sqlite_errorname", ""))
