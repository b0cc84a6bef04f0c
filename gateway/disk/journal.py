"""The journal: what happened, in a chain that nobody can rewrite, of which content may be erased.

    content  salt 16, JSON of device and detail              erased when its time is over: NULL
    entry    n | at | written_at | name | incident | digest  stays
    digest = SHA-256(salt | JSON)
    chain  = SHA-256(chain of n - 1 | n 8 | at 8 | written_at 8 | name, incident: length 2, text | digest)

The chain covers the digest alone, so it verifies without the content. The salt goes with the content:
who has only the digest cannot try names until one fits. The chain of the newest entry, the head,
travels in every event: who keeps one of them sees that the journal was neither cut nor made anew.
"""

import hashlib
import json
import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from gateway.drafts import Entry

_SALT_LEN = 16
_ERASED = "content_erased"
_ENTRIES = "SELECT n, at, written_at, name, incident, digest, chain, salt, content FROM journal"
_SORTED = "(SELECT max(n) FROM journal_of WHERE incident = '')"  # what follows it is looked through
_TIMELINE = (
    f"{_ENTRIES} WHERE n IN (SELECT n FROM journal_of WHERE incident = :incident)"  # noqa: S608 - our names
    f" UNION ALL {_ENTRIES} WHERE n > {_SORTED} AND incident = :incident ORDER BY n"
)
_OF_VERSION_3 = "SELECT 1 FROM sqlite_master WHERE name = 'journal_3'"


class Head(NamedTuple):
    """The newest entry, and the chain up to it; 0 and zeros before the first."""

    n: int
    chain: bytes

    def shown(self) -> dict[str, object]:
        """Return it as it travels in events."""
        return {"n": self.n, "sha256": self.chain.hex()}


NOTHING = Head(0, bytes(32))
_Kept = tuple[int, float, float, str, str | None, bytes]  # the columns of an entry up to its digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: up to `head` all is as it was written, `erased` of it without content.

    `broken_at`: the first entry that is not as it was written, or is missing; None where there is none.
    """

    head: Head
    erased: int
    broken_at: int | None

    @property
    def intact(self) -> bool:
        """Say whether nothing was changed."""
        return self.broken_at is None


class Row(NamedTuple):
    """An entry as it is stored; without its content where that was erased."""

    n: int
    at: float
    written_at: float
    name: str
    incident: str | None
    digest: bytes
    chain: bytes
    salt: bytes | None
    content: str | None

    def follows(self, before: Head) -> bool:
        """Say whether this is the entry written behind `before`."""
        return self.n == before.n + 1 and self.chain == _link(before, self[:6])

    def is_what_was_written(self) -> bool:
        """Say whether the content is that of the digest; none can be."""
        if self.salt is None or self.content is None:
            return True
        return _digest(self.salt, self.content) == self.digest


_INSERT = (
    f"INSERT INTO journal ({', '.join(Row._fields)})"  # noqa: S608 - our names
    f" VALUES ({', '.join('?' for _ in Row._fields)})"
)


def head(connection: sqlite3.Connection) -> Head:
    """Return the head of the chain."""
    newest = connection.execute("SELECT n, chain FROM journal ORDER BY n DESC LIMIT 1").fetchone()
    return Head(*newest) if newest else NOTHING


def append(
    connection: sqlite3.Connection,
    entries: Sequence[Entry],
    written_at: float,
    newest: Head | None = None,
) -> Head:
    """Write `entries` behind all others, within the caller's transaction; return the new head.

    `newest`: the head before them, where it is known.
    """
    newest = newest or head(connection)
    if not entries:
        return newest
    rows = list(_rows(newest, entries, written_at))
    connection.executemany(_INSERT, rows)
    return Head(rows[-1].n, rows[-1].chain)


def sort_in(connection: sqlite3.Connection) -> None:
    """Let the entries since the last time be found by their incident, within the caller's transaction.

    Not that of the entries: it would be a page more for each of them.
    """
    connection.execute(
        "INSERT INTO journal_of (incident, n) SELECT incident, n FROM journal"  # noqa: S608 - our names
        f" WHERE n > {_SORTED} AND incident IS NOT NULL"
    )
    connection.execute("UPDATE journal_of SET n = ? WHERE incident = ''", (head(connection).n,))


def timeline(connection: sqlite3.Connection, incident: str) -> list[dict[str, object]]:
    """Return what happened to `incident`; of what was erased, that it happened."""
    rows = connection.execute(_TIMELINE, {"incident": incident})
    return [
        {"at": row.at, "written_at": row.written_at, "event": row.name, **_content(row)["detail"]}
        for row in map(Row._make, rows)
    ]


def verify(connection: sqlite3.Connection, known: Head | None = None) -> Verdict:
    """Read the journal from its first entry; `known` is a head that was told upstream.

    Without one, entries cut off at the end leave no trace.
    """
    before, erased = NOTHING, 0
    for row in map(Row._make, connection.execute(f"{_ENTRIES} ORDER BY n")):
        told = known is None or row.n != known.n or row.chain == known.chain
        if not (row.follows(before) and row.is_what_was_written() and told):
            return Verdict(before, erased, before.n + 1)
        erased += row.content is None
        before = Head(row.n, row.chain)
    cut = known is not None and known.n > before.n
    return Verdict(before, erased, before.n + 1 if cut else None)


def export(
    connection: sqlite3.Connection, incident: str | None = None
) -> Iterator[dict[str, object]]:
    """Yield the head, then every entry, or those of `incident`, each with the chain it follows.

    So each can be checked alone: its digest by salt and content, its chain by all but these.
    """
    yield {"head": head(connection).shown()}
    before = NOTHING
    for row in map(Row._make, connection.execute(f"{_ENTRIES} ORDER BY n")):
        if incident in (None, row.incident):
            yield {
                "n": row.n,
                "at": row.at,
                "written_at": row.written_at,
                "event": row.name,
                "incident": row.incident,
                "salt": row.salt.hex() if row.salt else None,
                "content": row.content,
                "digest": row.digest.hex(),
                "follows": before.chain.hex(),
                "chain": row.chain.hex(),
            }
        before = Head(row.n, row.chain)


def erase(
    connection: sqlite3.Connection, before: float, at: float, spare: Iterable[str] = ()
) -> int:
    """Erase the content written before `before`, Unix seconds, but of the incidents `spare`.

    Within the caller's transaction. Return of how many entries. Device, person and detail go for
    good; that something was written, when, and its digest stay. The erasure, `at`, is an entry too.
    """
    erased = connection.execute(
        "UPDATE journal SET salt = NULL, content = NULL"
        " WHERE content IS NOT NULL AND written_at < ? AND name != ?"
        " AND (incident IS NULL OR incident NOT IN (SELECT value FROM json_each(?)))",
        (before, _ERASED, json.dumps(list(spare))),
    ).rowcount
    if erased:
        entry = Entry(_ERASED, at, None, None, {"entries": erased, "written_before": before})
        append(connection, [entry], at)
    return erased


def chain_up(connection: sqlite3.Connection) -> None:
    """Take the entries of a database that knew no chain yet out of `journal_3`, in their order."""
    if not connection.execute(_OF_VERSION_3).fetchone():
        return
    rows = connection.execute(
        "SELECT at, written_at, name, incident, device, detail FROM journal_3 ORDER BY id"
    ).fetchall()
    for at, written_at, name, incident, device, detail in rows:
        append(connection, [Entry(name, at, incident, device, json.loads(detail))], written_at)
    connection.execute("DROP TABLE journal_3")


def _rows(newest: Head, entries: Sequence[Entry], written_at: float) -> Iterator[Row]:
    salts = os.urandom(_SALT_LEN * len(entries))
    for place, entry in enumerate(entries):
        salt = salts[_SALT_LEN * place : _SALT_LEN * (place + 1)]
        content = orjson.dumps({"device": entry.device, "detail": entry.detail}).decode()
        n, digest = newest.n + 1, _digest(salt, content)
        kept = n, entry.at, written_at, entry.name, entry.incident, digest
        newest = Head(n, _link(newest, kept))
        yield Row(*kept, newest.chain, salt, content)


def _digest(salt: bytes, content: str) -> bytes:
    return hashlib.sha256(salt + content.encode()).digest()


def _link(before: Head, kept: _Kept) -> bytes:
    n, at, written_at, name, incident, digest = kept
    texts = [text.encode() for text in (name, incident or "")]
    fixed = struct.pack(">Qdd", n, at, written_at)
    lengths = [struct.pack(">H", len(text)) + text for text in texts]
    return hashlib.sha256(b"".join((before.chain, fixed, *lengths, digest))).digest()


def _content(row: Row) -> dict[str, dict[str, object]]:
    if row.content is None:
        return {"detail": {"erased": True}}
    content: dict[str, dict[str, object]] = json.loads(row.content)
    return content
