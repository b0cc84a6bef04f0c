"""Is the whole database as SQLite would write it? Read once a day, beside the commits and behind them.

The start looks at less, for it must be quick: at the structure, not at whether each index has each row.
"""

import os
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

from gateway.disk.worker import Worker

FIRST_S = 3_600.0  # after the start
EVERY_S = 86_400.0
_LOWEST = 19
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ")


class Soundness:
    """When to look at the database again; seconds are gateway time."""

    def __init__(self, now_s: float) -> None:
        """Look an hour after `now_s`, and once a day from then on."""
        self._due_s = now_s + FIRST_S

    async def look(self, path: Path | None, now_s: float) -> str | None:
        """Return what is wrong with that at `path`; None where nothing is, or it is not time yet."""
        if path is None or now_s < self._due_s:
            return None
        self._due_s = now_s + EVERY_S
        worker = Worker("soundness")
        try:
            return await worker.do(lambda: _lowly(path))
        finally:
            worker.stop()


def unsound(path: Path) -> str | None:
    """Return what is wrong with the database, None where it is whole or cannot be read at all now."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            dangling = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        return str(name) if name.startswith(_DAMAGED) else None
    return "integrity_check" if found != "ok" or dangling else None


def _lowly(path: Path) -> str | None:
    """Look at it in a thread that anything else may interrupt."""
    with suppress(PermissionError):  # a hardened unit may forbid it: then it takes its share
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
    return unsound(path)
