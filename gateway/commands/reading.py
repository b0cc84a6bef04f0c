"""The database as a command opens it beside the gateway, which may go on from memory."""

import errno
import os
import sqlite3
from pathlib import Path

from gateway.config import Config
from gateway.disk.store import DATABASE_NAME, connect


def reading(config: Config) -> sqlite3.Connection:
    """Open the database; raise `sqlite3.Error`, `OSError` or `NewerSchema`.

    On a disk that is read-only it could be read, and would hide what the gateway has heard since.
    """
    path = config.state_dir / DATABASE_NAME
    if path.exists() and _is_read_only(path):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
    return connect(path)


def _is_read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
