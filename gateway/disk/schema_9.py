"""What version 9 adds to the database: short rows of what was heard behind the long row of a device."""

VERSION_9 = """
ALTER TABLE state ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;  -- of `heard`: what this row holds

CREATE TABLE heard (            -- a ring: `id` is `seq` modulo its length
    id          INTEGER PRIMARY KEY,
    seq         INTEGER NOT NULL,
    device      TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    counter     INTEGER NOT NULL,
    frame       BLOB NOT NULL,
    clock       BLOB NOT NULL,  -- this and what follows: as in `state`
    doubt_below INTEGER NOT NULL,
    doubt_until REAL,
    heard_at    REAL,
    contact_at  REAL,
    heard_by    TEXT,
    medium      TEXT,
    battery_mv  INTEGER,
    build       INTEGER,
    status      INTEGER,
    uptime_h    INTEGER,
    exception   INTEGER
) STRICT;
"""
