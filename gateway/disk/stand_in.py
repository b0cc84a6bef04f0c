"""A start on a disk that takes nothing: what lies on it is copied to memory, and read from there.

    | at the start, the disk is | is read                       | a commit                              |
    |---------------------------|-------------------------------|---------------------------------------|
    | well                      | the database                  | is on disk when it returns            |
    | full, or read-only as     | a copy in the runtime folder, | tries to open the database first: it  |
    | after a fault of the card | mended there if it is damaged | fails for as long as that fails       |

So devices, windows and incidents are known, alerts are told, and nobody is answered STORED before it is.
"""

import asyncio
import errno
import os
import shutil
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from gateway.disk import high_water
from gateway.disk.enrolment_files import FOLDER
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.rebuild import Rebuilt, make_sound
from gateway.disk.store import Store, connect

_COPY = "stand-in"
_WITH_IT = ("", "-wal", ".suspect")
_TAKES_NOTHING = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR_WRITE")
_NO_SHARED_MEMORY = "SQLITE_IOERR_SHM"  # the file beside the database by which its users agree
_ERRNOS = (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Found:
    """What a start has found. `copy` is None where the database itself can be used."""

    rebuilt: Rebuilt | None
    copy: Path | None = None


def look(path: Path, runtime_dir: Path, key: GatewayKey, now: float) -> Found:
    """Make the database at `path` sound or, where the disk takes nothing, a copy of it.

    Raise `sqlite3.Error`, `OSError` and `NewerSchema` as `make_sound` does, of what no copy helps with.
    """
    try:
        return Found(_make_sound(path, key, now))
    except (sqlite3.Error, OSError) as error:
        if not takes_nothing(error):
            raise
    copy = _copy(path, runtime_dir / _COPY)
    return Found(make_sound(copy, key, now), copy)


async def open_store(
    store: Store, path: Path, runtime_dir: Path, key: GatewayKey
) -> Rebuilt | None:
    """Open `store`, which is of `path`, on what `look` finds; return what was rebuilt."""
    found = await asyncio.to_thread(look, path, runtime_dir, key, time.time())
    if found.copy is None:
        forget(runtime_dir)
        try:
            await store.open()
        except sqlite3.Error as error:
            if not takes_nothing(error):
                raise
            found = replace(found, copy=_copy(path, runtime_dir / _COPY))  # it has filled up since
    if found.copy is not None:
        await store.open_copy(found.copy, partial(open_own, path, runtime_dir, key))
    return found.rebuilt


def open_own(path: Path, runtime_dir: Path, key: GatewayKey) -> sqlite3.Connection:
    """Open the database that a copy has stood in for, and let go of the copy; raise as `look` does."""
    _make_sound(path, key, time.time())
    connection = connect(path)
    forget(runtime_dir)
    return connection


def forget(runtime_dir: Path) -> None:
    """Remove the copy that an earlier start may have left."""
    with suppress(FileNotFoundError):
        shutil.rmtree(runtime_dir / _COPY)


def takes_nothing(error: sqlite3.Error | OSError) -> bool:
    """Say whether it is that the disk is full or read-only, and not what lies on it."""
    if isinstance(error, OSError):
        return error.errno in _ERRNOS
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith((*_TAKES_NOTHING, _NO_SHARED_MEMORY))


def _make_sound(path: Path, key: GatewayKey, now: float) -> Rebuilt | None:
    """Make a database sound that can be written: SQLite opens what is read-only, and stays so."""
    if path.exists() and not os.access(path, os.W_OK):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
    return make_sound(path, key, now)


def _copy(path: Path, folder: Path) -> Path:
    """Copy all that a start reads, for this user only; raise `OSError`."""
    forget(folder.parent)
    folder.mkdir(mode=0o700)
    names = [f"{path.name}{suffix}" for suffix in _WITH_IT] + [high_water.FILE_NAME]
    for name in names:
        with suppress(FileNotFoundError):
            shutil.copy(path.with_name(name), folder / name)
    (folder / FOLDER).symlink_to(path.parent.absolute() / FOLDER)
    copy = folder / path.name
    if copy.exists():
        copy.chmod(0o600)  # also where it lay on a disk that may not be written
    return copy
