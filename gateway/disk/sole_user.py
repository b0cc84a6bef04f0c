"""One process a state folder: who holds the lock may write what the gateway takes for its own."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = "gateway.lock"


class AlreadyRunning(Exception):
    """Another gateway works on this state folder."""


@contextmanager
def sole_user(state_dir: Path) -> Iterator[None]:
    """Hold the state folder for this process; raise `AlreadyRunning`."""
    with (state_dir / LOCK_NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(str(state_dir)) from error
        yield
