"""The database: one connection on one thread, one transaction a batch, on disk before it returns."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from gateway.cases.visit_table import write_visits
from gateway.disk import ballast, high_water, journal, outbox_rows, rows, write_ahead_log
from gateway.disk.ballast import Ballast
from gateway.disk.heard import Heard
from gateway.disk.high_water import HighWater, Marks
from gateway.disk.registry import forget
from gateway.disk.schema import StoreDamaged, StoreFault, migrate
from gateway.disk.used import write_used
from gateway.disk.worker import Worker
from gateway.drafts import Written
from gateway.frames.device_clock import DeviceClock
from gateway.frames.device_state import DeviceState
from gateway.ledger import Batch, Committed
from gateway.response.escalation_table import write_escalations
from gateway.response.site_table import write_peers
from gateway.watching.supervision_table import write_supervision

T = TypeVar("T")

DATABASE_NAME = "gateway.sqlite"  # in state_dir
PAGE_BYTES = 1024
_PRAGMAS = (
    # Of a database that is new. Ten heartbeats fill one and a half: of SQLite's usual size a commit of them
    # would write half as much again.
    f"PRAGMA page_size = {PAGE_BYTES}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL loses the last commits of a WAL at a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what was erased is not left readable in free space
    "PRAGMA busy_timeout = 2000",  # `enrol` may be writing
    # Behind commits, not within: see `_tidy`. So many pages, 16 MB, are for when there is no pause.
    f"PRAGMA wal_autocheckpoint = {16_000_000 // PAGE_BYTES}",
)
TIDY_EVERY = 64  # commits, of up to some twenty pages each
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_BLAME_US = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)


def connect(path: Path) -> sqlite3.Connection:
    """Open the database of `path`, make it where it is missing, and bring its tables up to date."""
    if not path.exists():
        path.touch(mode=0o600)  # labels of people; what SQLite puts beside it has the same mode
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
        self._worker = Worker("store")
        self._connection: sqlite3.Connection | None = None
        self._opens_own: Callable[[], sqlite3.Connection] | None = None  # while a copy stands in
        self._untidy = 0
        self._head: journal.Head | None = None  # of the journal, where it is known
        self._heard: Heard | None = None  # the same of what was heard
        self._unsorted = True  # what was written last before the start may be
        self.high_water = HighWater(path.with_name(high_water.FILE_NAME))
        self.ballast = Ballast(path.with_name(ballast.FILE_NAME))

    @property
    def own(self) -> Path | None:
        """Return the file, None while a copy stands in for it."""
        return self._path if self._opens_own is None else None

    async def open(self) -> None:
        """Open the file; raise `sqlite3.Error` or `NewerSchema`."""
        self._connection = await self._worker.do(lambda: connect(self._path))
        self.high_water.load()

    async def open_copy(self, copy: Path, opens_own: Callable[[], sqlite3.Connection]) -> None:
        """Read from `copy` until a commit finds that `opens_own` succeeds; raise as `open` does."""
        self._connection = await self._worker.do(lambda: connect(copy))
        self._opens_own = opens_own
        self.high_water.load()

    async def close(self, known: Mapping[str, DeviceState] | None = None) -> None:
        """Finish what is being written, leave in one place what is `known` of devices, close the file."""
        if self._connection is not None:
            await self._worker.do(lambda: self._settle(known or {}))
            await self._worker.do(self._connection.close)
        self._worker.stop()

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `query` finds; raise `StoreFault`."""
        return await self._worker.do(lambda: self._read(query))

    async def change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do what is no batch in a transaction of its own; raise `StoreFault`."""
        return await self._worker.do(lambda: self._in_transaction(work))

    async def commit(self, batch: Batch) -> Committed:
        """Write all of `batch` or, raising `StoreFault`, nothing; return when it is on disk."""
        ahead = self.high_water.due(batch)
        committed = await self._worker.do(lambda: self._commit_somehow(batch, ahead))
        self._untidy += 1
        self._unsorted |= bool(batch.journal)
        soon = self.high_water.soon(batch)
        if soon is not None or self._untidy >= TIDY_EVERY:
            checkpoint = self._untidy >= TIDY_EVERY
            self._worker.later(lambda: self._tidy(soon, checkpoint=checkpoint))
            self._untidy %= TIDY_EVERY
        return committed

    async def lengthen_log(self) -> None:
        """Let commits be written in place from now on, where there is room for that."""
        await self._worker.do(self._lengthen_log)

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("the store is not open")
        return self._connection

    def _own_connection(self) -> sqlite3.Connection:
        """Return the database itself, for what is written."""
        connection = self._open_connection()
        if self._opens_own is None:
            return connection
        try:
            own = self._connection = self._opens_own()
        except OSError as error:
            raise StoreFault(type(error).__name__, "SQLITE_CANTOPEN") from error
        except sqlite3.DatabaseError as error:
            raise _fault(error) from error
        self._opens_own = self._head = self._heard = None
        connection.close()
        return own

    def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return query(self._open_connection())
        except sqlite3.DatabaseError as error:
            raise _fault(error) from error

    def _commit_somehow(self, batch: Batch, ahead: Marks | None) -> Committed:
        """Commit; where the disk is full, give back what was held for that and try again."""
        try:
            return self._commit(batch, ahead)
        except StoreFault as fault:
            if fault.args[-1] not in _FULL or not self.ballast.drop():
                raise
            return self._commit(batch, ahead)

    def _commit(self, batch: Batch, ahead: Marks | None) -> Committed:
        try:
            if ahead is not None:
                self.high_water.write(ahead)
        except OSError as error:
            raise StoreFault("high_water", "SQLITE_IOERR_WRITE") from error
        written = self._in_transaction(lambda connection: self._write(connection, batch))
        return Committed(batch, time.time(), written)

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._own_connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            self._head = self._heard = None
            if connection.in_transaction:  # some errors have ended it already
                connection.execute("ROLLBACK")
            raise _fault(error) from error
        return result

    def _settle(self, known: Mapping[str, DeviceState]) -> None:
        """Where the disk does not take it, the short rows are still there."""
        ring = self._heard
        if ring is not None:
            with contextlib.suppress(StoreFault, StoreDamaged):
                self._in_transaction(lambda found: ring.settle(found, known, self._stored_clock))

    def _tidy(self, marks: Marks | None, *, checkpoint: bool) -> None:
        """Do behind a commit what the next one needs not do; what fails here, it tries again."""
        with contextlib.suppress(OSError, sqlite3.Error, StoreFault):
            if marks is not None:
                self.high_water.write(marks)
            if checkpoint and self._unsorted:
                self._unsorted = False
                self._in_transaction(journal.sort_in)
            if checkpoint:
                self._open_connection().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _lengthen_log(self) -> None:
        if self._opens_own is None:
            with contextlib.suppress(
                OSError, sqlite3.Error
            ):  # else each commit takes a little longer
                write_ahead_log.lengthen(self._open_connection(), self._path)

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> list[Written]:
        if self._heard is None:
            self._heard = Heard(connection)
        self._heard.write(connection, batch.states, batch.known.states, self._stored_clock)
        rows.write_incidents(connection, batch.incidents.values())
        rows.write_faults(connection, batch.faults)
        write_escalations(connection, batch)
        write_peers(connection, batch.peers)
        write_used(connection, batch.used, batch.at)
        write_supervision(connection, batch)
        write_visits(connection, batch)
        outbox_rows.mark_delivered(connection, batch.delivered)
        for name in batch.unenrolled:
            forget(connection, name)
        if not batch.journal and not batch.notices:
            return []
        self._head = journal.append(connection, batch.journal, time.time(), self._head)
        stamp = {"journal_head": self._head.shown()}
        return outbox_rows.insert(connection, batch.notices, self._targets, stamp)


def _fault(error: sqlite3.DatabaseError) -> StoreFault:
    """Tell what the disk is to blame for; raise what we are, and what no second try can mend."""
    if isinstance(error, _BLAME_US):
        raise error
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(_DAMAGED):
        raise StoreDamaged(name) from error
    return StoreFault(type(error).__name__, name)
