"""A copy stands in for a database that cannot be written, until it can."""

import errno
import sqlite3
from pathlib import Path

import pytest

from gateway.disk import stand_in
from gateway.disk.schema import StoreFault
from gateway.disk.store import Store, connect


@pytest.mark.parametrize(
    ("number", "helps"), [(errno.ENOSPC, True), (errno.EROFS, True), (errno.EACCES, False)]
)
def test_a_copy_helps_where_the_disk_takes_nothing_and_nowhere_else(
    number: int, helps: bool
) -> None:
    assert stand_in.takes_nothing(OSError(number, "")) is helps


async def test_nothing_is_stored_before_the_database_itself_opens(tmp_path: Path) -> None:
    for name in ("own", "copy"):
        connect(tmp_path / name).close()
    full = True

    def own() -> sqlite3.Connection:
        if full:
            raise OSError(errno.ENOSPC, "")
        return connect(tmp_path / "own")

    def note(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO fault VALUES ('radio', 'silent', 1.0)")

    def noted(connection: sqlite3.Connection) -> int:
        return len(connection.execute("SELECT * FROM fault").fetchall())

    store = Store(tmp_path / "own", ())
    await store.open_copy(tmp_path / "copy", own)
    with pytest.raises(StoreFault):
        await store.change(note)
    assert await store.read(noted) == 0
    full = False
    await store.change(note)
    await store.close()
    with sqlite3.connect(tmp_path / "own") as own_file, sqlite3.connect(tmp_path / "copy") as copy:
        assert (noted(own_file), noted(copy)) == (1, 0)
    own_file.close()
    copy.close()
