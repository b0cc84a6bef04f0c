"""What version 4 adds to the database: a block for each part of the gateway, all in one step."""

# Counters below `doubt_below` may have been accepted by a database that was lost (`high_water`).
_STORE_4 = """
ALTER TABLE state ADD COLUMN doubt_below INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN doubt_until REAL;      -- Unix seconds; NULL: until they are passed

-- Made anew with fewer pages to write in every transaction: no index of their own for ids.
DROP INDEX incident_by_device;
CREATE TABLE incident_4 (
    id                TEXT PRIMARY KEY,
    device            TEXT NOT NULL,
    first_counter     INTEGER NOT NULL,
    last_counter      INTEGER NOT NULL,
    kind              TEXT NOT NULL,
    opened_at         REAL NOT NULL,
    updated_at        REAL NOT NULL,
    state             TEXT NOT NULL,
    duress            INTEGER NOT NULL,
    cancelled         INTEGER NOT NULL,
    felt              INTEGER NOT NULL,
    delivered         INTEGER NOT NULL,
    told              INTEGER NOT NULL,
    events            INTEGER NOT NULL,
    acknowledged_at   REAL,
    acknowledged_by   TEXT,
    eta_minutes       INTEGER,
    closed_at         REAL,
    closed_by         TEXT,
    linked            TEXT,
    freshness         TEXT NOT NULL DEFAULT 'unverified',
    cancel_unverified INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO incident_4 SELECT * FROM incident;
DROP TABLE incident;
ALTER TABLE incident_4 RENAME TO incident;

DROP INDEX outbox_waiting;
CREATE TABLE outbox_4 (
    id           INTEGER PRIMARY KEY,    -- never the last one is erased, so none is given twice
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
INSERT INTO outbox_4 SELECT * FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_4 RENAME TO outbox;
CREATE INDEX outbox_waiting ON outbox (target, urgent DESC, id) WHERE delivered_at IS NULL;
"""

# A chain over digests, and beside it what may be erased: `journal` fills it from `journal_3`.
_JOURNAL_4 = """
DROP TRIGGER journal_is_not_rewritten;
DROP TRIGGER journal_is_not_erased;
DROP INDEX journal_by_incident;
ALTER TABLE journal RENAME TO journal_3;
CREATE TABLE journal (
    n          INTEGER PRIMARY KEY,      -- from 1, without a gap
    at         REAL NOT NULL,            -- when it happened
    written_at REAL NOT NULL,            -- when it was written
    name       TEXT NOT NULL,
    incident   TEXT,
    digest     BLOB NOT NULL,
    chain      BLOB NOT NULL
) STRICT;
CREATE INDEX journal_by_incident ON journal (incident, n);
CREATE TRIGGER journal_is_not_rewritten BEFORE UPDATE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_erased BEFORE DELETE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TABLE journal_content (
    n       INTEGER PRIMARY KEY REFERENCES journal (n),
    salt    BLOB NOT NULL,
    content TEXT NOT NULL                -- personal: who, which device
) STRICT;
CREATE TRIGGER journal_content_is_not_rewritten BEFORE UPDATE ON journal_content
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
"""

# How far the plan has gone for each incident that is not closed.
_PLAN_4 = """
CREATE TABLE escalation (
    incident     TEXT PRIMARY KEY,
    begun_at     REAL NOT NULL,
    begun_s      REAL NOT NULL,           -- gateway time, as all in _s
    round        INTEGER NOT NULL,
    active       INTEGER NOT NULL,
    told         TEXT NOT NULL,           -- JSON lists of targets
    told_now     TEXT NOT NULL,
    nobody_due_s REAL,                    -- NULL: somebody was told
    nobody_told  INTEGER NOT NULL,
    local_s      REAL,
    counter      INTEGER NOT NULL,        -- of the press that told people last
    standby_s    REAL NOT NULL
) STRICT, WITHOUT ROWID;
"""

# Where each device stands, what is wrong with it, and the voltage of its battery day by day.
_SUPERVISION_4 = """
CREATE TABLE supervision (
    device     TEXT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    state      TEXT NOT NULL,
    since      REAL NOT NULL,
    duty_until REAL NOT NULL             -- gateway time
) STRICT, WITHOUT ROWID;
CREATE TABLE device_fault (
    device TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    code   TEXT NOT NULL,
    value  INTEGER NOT NULL,
    since  REAL NOT NULL,
    PRIMARY KEY (device, code)
) STRICT;
CREATE TABLE battery_day (
    device     TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    day        INTEGER NOT NULL,         -- from 1970-01-01 UTC
    millivolts INTEGER NOT NULL,         -- the median
    PRIMARY KEY (device, day)
) STRICT, WITHOUT ROWID;
"""

_VISITS_4 = """
CREATE TABLE visit (
    device     TEXT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    starts     TEXT NOT NULL,            -- counters, oldest first: those applied
    others     TEXT NOT NULL,            -- counters that are of no visit, or of one before
    minutes    INTEGER NOT NULL,
    started_at REAL NOT NULL,
    due_at     REAL,                     -- as the wall clock will show it; NULL: no start was applied
    ended_at   REAL,
    overdue    INTEGER NOT NULL,
    end_shown  INTEGER NOT NULL
) STRICT;
"""

# What the other gateways of the site said last of each incident.
_SITE_4 = """
CREATE TABLE peer (
    incident    TEXT NOT NULL,
    gateway     TEXT NOT NULL,
    mark        INTEGER NOT NULL,
    state       TEXT NOT NULL,
    counter     INTEGER NOT NULL,
    delivered   INTEGER NOT NULL,
    round       INTEGER NOT NULL,
    told        TEXT NOT NULL,           -- a JSON list of targets
    by          TEXT NOT NULL,
    eta_minutes INTEGER,
    at          REAL NOT NULL,           -- when it was received
    PRIMARY KEY (incident, gateway)
) STRICT;
"""

VERSION_4 = _VISITS_4 + _STORE_4 + _JOURNAL_4 + _PLAN_4 + _SITE_4 + _SUPERVISION_4
