"""What version 6 changes in the database: an entry of the journal and its content are one row, of one page.

`journal_of` is the way to the entries of an incident. It is filled behind the commits, not within:
under the incident '' it has the number of the last entry that was sorted in.
"""

VERSION_6 = """
DROP TRIGGER journal_is_not_rewritten;
DROP TRIGGER journal_is_not_erased;
DROP TRIGGER journal_content_is_not_rewritten;
ALTER TABLE journal RENAME TO journal_5;
CREATE TABLE journal (
    n          INTEGER PRIMARY KEY,      -- from 1, without a gap
    at         REAL NOT NULL,            -- when it happened
    written_at REAL NOT NULL,            -- when it was written
    name       TEXT NOT NULL,
    incident   TEXT,
    digest     BLOB NOT NULL,
    chain      BLOB NOT NULL,
    salt       BLOB,                     -- this and the content: NULL once they are erased
    content    TEXT                      -- personal: who, which device
) STRICT;
INSERT INTO journal SELECT n, at, written_at, name, incident, digest, chain, salt, content
    FROM journal_5 LEFT JOIN journal_content USING (n) ORDER BY n;
DROP TABLE journal_content;
DROP TABLE journal_5;
CREATE TRIGGER journal_is_not_rewritten
    BEFORE UPDATE OF n, at, written_at, name, incident, digest, chain ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_content_is_not_rewritten
    BEFORE UPDATE ON journal WHEN new.salt IS NOT NULL OR new.content IS NOT NULL
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_erased BEFORE DELETE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

CREATE TABLE journal_of (
    incident TEXT NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (incident, n)
) STRICT, WITHOUT ROWID;
INSERT INTO journal_of VALUES ('', 0);
"""
