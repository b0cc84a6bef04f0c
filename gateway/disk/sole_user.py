"""One process a state folder: who holds the lock may write what the gateway takes for its own."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = "gateway.lock"


class AlreadyRunning(Exception):
    """Another gateway works on this state folder."""


@contextmanager
def sole_user(state_dir: Path) -> Iterator[None]:
    """Hold the state folder for this process; raise `AlreadyRunning`, or `OSError` where it is gone."""
    lock = _handle(state_dir)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(str(state_dir)) from error
        yield
    finally:
        os.close(lock)


def _handle(state_dir: Path) -> int:
    path = state_dir / LOCK_NAME
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # a disk that takes nothing: what is there already can be locked all the same
        return os.open(path if path.exists() else state_dir, os.O_RDONLY)
