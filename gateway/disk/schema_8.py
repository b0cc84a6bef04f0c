"""What version 8 adds to the database: which signed commands and links have worked already."""

VERSION_8 = """
CREATE TABLE used (
    name    TEXT PRIMARY KEY,     -- of the operator and the command, or of the link
    expires REAL NOT NULL         -- Unix seconds
) STRICT, WITHOUT ROWID;
"""
