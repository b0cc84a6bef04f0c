"""The tables of the database and the steps from one version to the next."""

import sqlite3
from collections.abc import Callable

from gateway.disk import journal
from gateway.disk.schema_4 import VERSION_4
from gateway.disk.schema_5 import VERSION_5
from gateway.disk.schema_6 import VERSION_6
from gateway.disk.schema_7 import VERSION_7
from gateway.disk.schema_8 import VERSION_8
from gateway.disk.schema_9 import VERSION_9
from gateway.disk.schema_10 import VERSION_10

_VERSION_1 = """
CREATE TABLE device (
    slot        INTEGER PRIMARY KEY,     -- small and stable: also the slot at the radio heads
    id          TEXT NOT NULL UNIQUE,
    sealed_key  BLOB NOT NULL,           -- age: a copy of this file alone discloses no key
    role        TEXT NOT NULL,
    label       TEXT NOT NULL,
    place       TEXT NOT NULL,
    heartbeat_s INTEGER NOT NULL,
    floor       INTEGER NOT NULL,        -- counters below belong to a time before enrolment
    dated       TEXT NOT NULL,
    enrolled_at REAL NOT NULL
) STRICT;

-- Never part of a backup: an old window would accept what was accepted since.
CREATE TABLE state (
    device      TEXT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    window      BLOB NOT NULL,
    recent      BLOB NOT NULL,
    heard_at    REAL,
    heard_by    TEXT,
    medium      TEXT,
    battery_mv  INTEGER
) STRICT;

-- What does not work now in the gateway itself.
CREATE TABLE fault (
    source TEXT NOT NULL,
    code   TEXT NOT NULL,
    since  REAL NOT NULL,
    PRIMARY KEY (source, code)
) STRICT;

CREATE TABLE incident (
    id              TEXT PRIMARY KEY,
    device          TEXT NOT NULL,
    first_counter   INTEGER NOT NULL,
    last_counter    INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    opened_at       REAL NOT NULL,
    updated_at      REAL NOT NULL,
    state           TEXT NOT NULL,
    duress          INTEGER NOT NULL,
    cancelled       INTEGER NOT NULL,
    felt            INTEGER NOT NULL,
    delivered       INTEGER NOT NULL,
    told            INTEGER NOT NULL,
    events          INTEGER NOT NULL,
    acknowledged_at REAL,
    acknowledged_by TEXT,
    eta_minutes     INTEGER,
    closed_at       REAL,
    closed_by       TEXT,
    linked          TEXT
) STRICT;
CREATE INDEX incident_by_device ON incident (device, last_counter);

CREATE TABLE journal (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         REAL NOT NULL,            -- when it happened
    written_at REAL NOT NULL,            -- when it was written
    name       TEXT NOT NULL,
    incident   TEXT,
    device     TEXT,
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_incident ON journal (incident, id);
CREATE TRIGGER journal_is_not_rewritten BEFORE UPDATE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_erased BEFORE DELETE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    target       TEXT NOT NULL,
    event        TEXT NOT NULL,          -- stable: upstream knows a repeat by it
    subject      TEXT NOT NULL,
    urgent       INTEGER NOT NULL,
    type         TEXT NOT NULL,
    at           REAL NOT NULL,
    incident     TEXT,
    number       INTEGER NOT NULL,
    data         TEXT NOT NULL,
    delivered_at REAL,
    UNIQUE (target, event)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (target, urgent DESC, id) WHERE delivered_at IS NULL;
"""

# The state is made anew: SQLite adds no column with a computed default to rows that exist.
_VERSION_2 = """
CREATE TABLE state_2 (
    device       TEXT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    window       BLOB NOT NULL,
    recent       BLOB NOT NULL,
    clock        BLOB NOT NULL DEFAULT x'',   -- in the seconds of the wall clock; empty: not known
    fingerprints BLOB NOT NULL DEFAULT (zeroblob(2048)),
    heard_at     REAL,                        -- the last sign of life: a fresh frame
    contact_at   REAL,                        -- the last frame above all others, fresh or not
    heard_by     TEXT,
    medium       TEXT,
    battery_mv   INTEGER
) STRICT;
INSERT INTO state_2 (device, window, recent, heard_at, contact_at, heard_by, medium, battery_mv)
    SELECT device, window, recent, heard_at, heard_at, heard_by, medium, battery_mv FROM state;
DROP TABLE state;
ALTER TABLE state_2 RENAME TO state;

ALTER TABLE incident ADD COLUMN freshness TEXT NOT NULL DEFAULT 'unverified';
ALTER TABLE incident ADD COLUMN cancel_unverified INTEGER NOT NULL DEFAULT 0;
"""

# Pages of the heartbeats: NULL where none was heard.
_VERSION_3 = """
ALTER TABLE state ADD COLUMN build INTEGER;
ALTER TABLE state ADD COLUMN status INTEGER;        -- as it came, 7 bits
ALTER TABLE state ADD COLUMN uptime_h INTEGER;
ALTER TABLE state ADD COLUMN exception INTEGER;     -- 0: none
"""

MIGRATIONS = (
    _VERSION_1,
    _VERSION_2,
    _VERSION_3,
    VERSION_4,
    VERSION_5,
    VERSION_6,
    VERSION_7,
    VERSION_8,
    VERSION_9,
    VERSION_10,
)
# The lowest version whose gateway can go on with what the newest writes: steps behind it only add.
READS_FROM = 9

# What a version needs beyond SQL, in the same transaction.
_FILL: dict[int, Callable[[sqlite3.Connection], None]] = {6: journal.chain_up}


class StoreFault(Exception):
    """The disk did not do its part: what was to be written is not, and may not be answered."""


class StoreDamaged(Exception):
    """The database is not what was written: the next start sets it aside and makes another."""


class NewerSchema(Exception):
    """The database was written by a newer gateway, and this one cannot go on with it."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the newest version, one transaction a step; raise `NewerSchema`.

    A database of a newer gateway stays as it is, where this one can go on with it.
    """
    for step in range(known_version(connection), len(MIGRATIONS)):
        connection.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[step]}")
        if step + 1 in _FILL:
            _FILL[step + 1](connection)
        if VERSION_10 in MIGRATIONS[: step + 1]:
            connection.execute("UPDATE compatible SET reads_from = ?", (READS_FROM,))
        connection.execute(f"PRAGMA user_version = {step + 1}")
        connection.execute("COMMIT")


def known_version(connection: sqlite3.Connection) -> int:
    """Return the version of the tables; raise `NewerSchema` where this gateway cannot go on with them."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS) and _reads_from(connection, version) > len(MIGRATIONS):
        raise NewerSchema(version)
    return version


def _reads_from(connection: sqlite3.Connection, version: int) -> int:
    """Return the lowest version whose gateway can go on with them; where they do not say, theirs."""
    said = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'compatible'").fetchone()
    query = "SELECT reads_from FROM compatible" if said else "SELECT NULL"
    (reads_from,) = connection.execute(query).fetchone()
    return version if reads_from is None else int(reads_from)
