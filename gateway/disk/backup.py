"""A copy of what the gateway knows, in one age file, and the way back.

    tar: gateway.sqlite     without the windows of counters: an old one would take for news what was
                            accepted since (SPEC 6.2)
         gateway.key        only where the file is for a recipient that was named: whoever holds that
                            identity can set up the gateway anew, and has every key it knows
         signing.key        where there is one, so that receivers go on believing what it tells

The copy is made while the gateway runs. A restore needs the folder for itself; what it replaces is kept.
"""

import io
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyrage

from gateway.disk import durable, signing_key
from gateway.disk.aside import set_aside
from gateway.disk.gateway_key import FILE_NAME as KEY_NAME
from gateway.disk.gateway_key import GatewayKey, KeyFault
from gateway.disk.rebuild import doubt_all
from gateway.disk.registry import read_devices
from gateway.disk.schema import known_version
from gateway.disk.sole_user import sole_user
from gateway.disk.store import DATABASE_NAME, PAGE_BYTES, connect

# Old windows would accept what was accepted since; old visits would call for help nobody needs.
_OF_NOW = ("state", "visit")
_WITH_IT = ("", "-wal", "-shm")


class BackupFault(Exception):
    """The file is no backup, or not one for this gateway; `args[0]` is a short stable reason."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored. `aside`: where the database that was there is now."""

    devices: int
    key: bool
    aside: Path | None


def backup(path: Path, file: Path, recipient: str | None = None) -> None:
    """Write a backup of the database at `path` to `file`, for `recipient` or else this gateway's key.

    Raise `KeyFault`, `sqlite3.Error`, `OSError`, or `BackupFault("recipient")`.
    """
    key = GatewayKey.load(path.parent)
    try:
        for_whom = pyrage.x25519.Recipient.from_str(recipient or key.recipient)
    except pyrage.RecipientError as error:
        raise BackupFault("recipient") from error
    with TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE_NAME
        _copy(path, copy)
        members = {DATABASE_NAME: copy.read_bytes()}
    if recipient and recipient != key.recipient:
        members[KEY_NAME] = f"{key.secret}\n".encode()
    if signing_key.place(path.parent).exists():
        members[signing_key.FILE_NAME] = signing_key.place(path.parent).read_bytes()
    durable.replace(file, pyrage.encrypt(_packed(members), [for_whom]))


def restore(path: Path, file: Path, now: float, identity: str | None = None) -> Restored:
    """Put the database of `file` at `path`; `identity`: what it was encrypted to, else this gateway's key.

    Where the folder has no key yet, that of the backup becomes it. Frames are unverified until their
    counters have passed the second copy, or without one for a day. `now`: Unix seconds. Raise
    `AlreadyRunning`, `KeyFault`, `NewerSchema`, `BackupFault`, `sqlite3.Error` or `OSError`.
    """
    with sole_user(path.parent):
        members = _unpacked(_decrypted(file.read_bytes(), path.parent, identity))
        with _unfolded(path, members) as fresh:
            key = _key_for(path.parent, members)
            with closing(_checked(fresh)) as connection:
                devices = _readable_devices(connection, key)
                for table in _OF_NOW:
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
                doubt_all(connection, path.parent, key, now)
                connection.execute("PRAGMA journal_mode = DELETE")  # all of it in this one file
            brings_key = not (path.parent / KEY_NAME).exists()
            for name in (KEY_NAME, signing_key.FILE_NAME):
                if name in members and not (path.parent / name).exists():
                    durable.replace(path.parent / name, members[name])
            aside = set_aside(path, "replaced", now)
            fresh.rename(path)
            durable.sync_folder(path.parent)
    return Restored(devices, brings_key, aside)


def _copy(path: Path, copy: Path) -> None:
    """Copy the database, without the windows and what was deleted, to pages of the size of a new one."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source:
        source.execute("PRAGMA busy_timeout = 5000")
        with closing(sqlite3.connect(copy, isolation_level=None)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            for table in _OF_NOW:
                target.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
            target.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            target.execute("VACUUM")


def _packed(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _unpacked(packed: bytes) -> dict[str, bytes]:
    members = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            for name in (DATABASE_NAME, KEY_NAME, signing_key.FILE_NAME):
                if name in archive.getnames() and (content := archive.extractfile(name)):
                    members[name] = content.read()
    except tarfile.TarError as error:
        raise BackupFault("not_a_backup") from error
    if DATABASE_NAME not in members:
        raise BackupFault("not_a_backup")
    return members


def _decrypted(sealed: bytes, state_dir: Path, identity: str | None) -> bytes:
    if identity is None:
        return GatewayKey.load(state_dir).unseal(sealed)
    try:
        return bytes(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity.strip())]))
    except pyrage.IdentityError as error:
        raise BackupFault("identity") from error
    except pyrage.DecryptError as error:
        raise KeyFault("not_for_this_gateway") from error


@contextmanager
def _unfolded(path: Path, members: dict[str, bytes]) -> Iterator[Path]:
    """Yield a file beside `path` with the database, gone afterwards unless it was renamed."""
    fresh = path.with_name(f"{path.name}.restoring")
    durable.replace(fresh, members[DATABASE_NAME])
    try:
        yield fresh
    finally:
        for suffix in _WITH_IT:
            Path(f"{fresh}{suffix}").unlink(missing_ok=True)


def _key_for(state_dir: Path, members: dict[str, bytes]) -> GatewayKey:
    if (state_dir / KEY_NAME).exists() or KEY_NAME not in members:
        return GatewayKey.load(state_dir)
    return GatewayKey.from_text(members[KEY_NAME].decode("ascii"))


def _checked(fresh: Path) -> sqlite3.Connection:
    with closing(sqlite3.connect(fresh)) as connection:
        try:
            known_version(connection)
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            raise BackupFault("not_a_backup") from error
    if found != "ok":
        raise BackupFault("not_a_backup")
    return connect(fresh)


def _readable_devices(connection: sqlite3.Connection, key: GatewayKey) -> int:
    """Count the devices; raise `KeyFault` where they were sealed with another key than this one."""
    return len(read_devices(connection, key.unseal))
