"""What works once and has worked: the ids of signed commands and the links of letters.

They are in the transaction of what they did. Kept for a month after their end: a wall clock that was set
back may take one for valid again.
"""

import sqlite3
from collections.abc import Mapping

KEEP_S = 30 * 86_400.0


def read_used(connection: sqlite3.Connection) -> dict[str, float]:
    """Return the names, with their ends."""
    return dict(connection.execute("SELECT name, expires FROM used").fetchall())


def write_used(connection: sqlite3.Connection, used: Mapping[str, float], now: float) -> None:
    """Write names, and let go of those whose end is a month before `now`, Unix seconds."""
    if not used:
        return
    connection.executemany(
        "INSERT OR REPLACE INTO used (name, expires) VALUES (?, ?)", used.items()
    )
    connection.execute("DELETE FROM used WHERE expires < ?", (now - KEEP_S,))
