"""Lets every database be of a version that does not exist yet, and that only adds: a plugin for pytest.

What our next version might do, to every table at once: columns that may be left out, an index, a table
that follows the devices. Tests that pass so show that this gateway goes on with what its successor left.
"""

import sqlite3

from gateway.disk import schema, store

_AHEAD = len(schema.MIGRATIONS) + 1
_NEW_TABLE = """
CREATE TABLE only_the_next_one_knows (
    device TEXT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    what   TEXT NOT NULL DEFAULT 'news'
) STRICT
"""
_migrate = schema.migrate


def migrate(connection: sqlite3.Connection) -> None:
    """Do what the gateway does, and then what its successor would have done."""
    _migrate(connection)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version >= _AHEAD:
        return
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (table,) in connection.execute(query).fetchall():
        connection.execute(f"ALTER TABLE {table} ADD COLUMN its_news TEXT")
        connection.execute(f"ALTER TABLE {table} ADD COLUMN its_count INTEGER NOT NULL DEFAULT 3")
        connection.execute(f"CREATE INDEX {table}_by_news ON {table} (its_news)")
    connection.execute(_NEW_TABLE)
    connection.execute("INSERT INTO only_the_next_one_knows (device) SELECT id FROM device")
    connection.execute(f"PRAGMA user_version = {_AHEAD}")


vars(store)["migrate"] = migrate
