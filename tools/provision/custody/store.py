"""The store's file. Each change is one turn: lock, decrypt, change, encrypt, read back, replace."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware.core import settings
from tools.provision.custody import sealed_file
from tools.provision.custody.content import (
    READER,
    Content,
    Entry,
    Held,
    Key,
    Party,
    pack,
    unpack,
)
from tools.provision.custody.errors import CustodyRefused
from tools.provision.custody.reader import Reader, recipient_of, seal
from tools.provision.identity import Identity, Planned


class Turn:
    """A change under way: `content` may be replaced, and is on disk when the turn ends without an error."""

    def __init__(self, content: Content, by: str, now: datetime) -> None:
        """Begin with what the file says; `by` is the reader who changes it."""
        self.content = content
        self.by = by
        self.at = now.astimezone(UTC).isoformat(timespec="seconds")

    def note(self, what: str, subject: str) -> None:
        """Add to the history what is done."""
        self.content = self.content.told(Entry(self.at, self.by, what, subject))


class Custody:
    """The organisation's keys, for one of their readers. Calls may come from several processes at once."""

    def __init__(self, path: Path, reader: Reader) -> None:
        """Use the file at `path`."""
        self.path = path
        self._reader = reader

    @classmethod
    def make(cls, path: Path, reader: Reader, name: str, organisation: str) -> "Custody":
        """Make a store whose first reader is `name`; raise `CustodyRefused` where there is one."""
        at = _now().isoformat(timespec="seconds")
        content = Content(organisation, new_signing(), at).with_party(
            Party(READER, name, reader.recipient, at)
        )
        content = content.told(Entry(at, name, "new", organisation))
        sealed_file.create(path, seal(pack(content), content.recipients))
        return cls(path, reader)

    def content(self) -> Content:
        """Return what the file says now; raise `CustodyRefused`."""
        return unpack(self._reader.open(sealed_file.read(self.path)))

    @contextmanager
    def turn(self, now: datetime | None = None) -> Iterator[Turn]:
        """Change the store: nobody else does meanwhile, and an error changes nothing."""
        with self._locked():
            before = self.content()
            turn = Turn(before, before.name_of(self._reader.recipient), now or _now())
            yield turn
            if turn.content != before:
                self._write(turn.content)

    def issue(self, planned: Planned) -> Identity:
        """Give a device a new key, on disk before this returns. Each call gives another one.

        Until `given` the device counts as having the key it had. A radio head gets none.
        """
        identity = Identity.of(planned)
        if not identity.has_key:
            return identity
        with self.turn() as turn:
            known = turn.content.device(planned.id)
            held = replace(
                _described(planned),
                held=known.held if known else None,
                due=known.due if known else "",
                pending=Key(identity.key.hex(), turn.at),
            )
            turn.content = turn.content.with_device(held)
            turn.note("issue", planned.id)
        return identity

    def given(self, identity: Identity, board: str) -> None:
        """Note that `board` (its MAC) was read back and tested with this identity."""
        if not identity.has_key:
            return
        with self.turn() as turn:
            known = turn.content.device(identity.id)
            if known is None or known.pending is None or not _same(known.pending, identity):
                raise CustodyRefused("not_issued", device=identity.id)
            key = replace(known.pending, board=board)
            turn.content = turn.content.with_device(replace(known, held=key, pending=None, due=""))
            turn.note("given", identity.id)

    def _write(self, content: Content) -> None:
        data = pack(content)
        sealed = seal(data, content.recipients)
        # Whoever changes the readers stays one: so what is written can be checked before it counts.
        if self._reader.open(sealed) != data:
            raise CustodyRefused("unwritable", path=self.path, why="age")
        sealed_file.replace(self.path, sealed)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self.path.with_name(f".{self.path.name}.lock")
        try:
            file = lock.open("wb")
        except OSError as error:
            raise CustodyRefused("unwritable", path=lock, why=error.strerror) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def new_signing() -> str:
    """Return a new Ed25519 key, hexadecimal."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def party_of(kind: str, name: str, recipient: str, at: str) -> Party:
    """Return a reader or gateway whose recipient is one; raise `CustodyRefused`."""
    return Party(kind, name, str(recipient_of(recipient)), at)


def _described(planned: Planned) -> Held:
    chosen = settings.of(dict(planned.settings))
    return Held(
        planned.id,
        planned.enrolled_as,
        planned.label,
        planned.place,
        chosen.heartbeat_s,
        chosen.chemistry,
    )


def _same(key: Key, identity: Identity) -> bool:
    return secrets.compare_digest(key.value, identity.key.hex())


def _now() -> datetime:
    return datetime.now(UTC)
