"""Files that hold only what is encrypted: written whole or not at all, for this user only."""

import os
from pathlib import Path

from tools.provision.custody.errors import CustodyRefused


def replace(path: Path, sealed: bytes) -> None:
    """Put `sealed` at `path`, on disk when this returns; raise `CustodyRefused`."""
    try:
        path = path.resolve()
        fresh = path.with_name(f".{path.name}.new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise CustodyRefused("unwritable", path=path, why=error.strerror) from error


def create(path: Path, sealed: bytes) -> None:
    """Put `sealed` at `path`, never over another file; raise `CustodyRefused`."""
    if path.exists():
        raise CustodyRefused("exists", path=path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CustodyRefused("unwritable", path=path, why=error.strerror) from error
    replace(path, sealed)


def read(path: Path) -> bytes:
    """Return the content of `path`; raise `CustodyRefused`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CustodyRefused("unreadable", path=path, why=error.strerror) from error


def exposed(path: Path) -> bool:
    """Say whether others may read or replace the file."""
    try:
        return any(
            place.stat().st_mode & bits for place, bits in ((path, 0o077), (path.parent, 0o022))
        )
    except OSError:
        return False


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
