"""What the other gateways of the site said of incidents, as it is kept on disk: for a week."""

import json
import sqlite3
from collections.abc import Mapping

from gateway.events import Shared

_KEEP_S = 7 * 86_400
_COLUMNS = tuple(name for name in Shared.__slots__ if name != "instead_of")


def read_peers(connection: sqlite3.Connection) -> dict[tuple[str, str], Shared]:
    """Return the last of each gateway about each incident."""
    found = {}
    for row in connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM peer"):  # noqa: S608 - our names
        fields = dict(zip(_COLUMNS, row, strict=True))
        fields["told"] = tuple(json.loads(fields["told"]))
        fields["delivered"] = bool(fields["delivered"])
        shared = Shared(**fields)
        found[shared.incident, shared.gateway] = shared
    return found


def write_peers(connection: sqlite3.Connection, peers: Mapping[tuple[str, str], Shared]) -> None:
    """Write what was said, and let go of what is a week old."""
    if not peers:
        return
    connection.executemany(
        f"INSERT OR REPLACE INTO peer ({', '.join(_COLUMNS)})"  # noqa: S608 - our names
        f" VALUES ({', '.join('?' * len(_COLUMNS))})",
        [_row(shared) for shared in peers.values()],
    )
    newest = max(shared.at for shared in peers.values())
    connection.execute("DELETE FROM peer WHERE at < ?", (newest - _KEEP_S,))


def _row(shared: Shared) -> list[object]:
    values = [getattr(shared, column) for column in _COLUMNS]
    return [json.dumps(value) if isinstance(value, tuple) else value for value in values]
