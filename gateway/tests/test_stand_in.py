"""A copy stands in for a database that cannot be written, until it can."""

import errno
import sqlite3
from pathlib import Path

import pytest

from gateway.disk import stand_in
from gateway.disk import store as store_module
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.rows import read_incidents
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


async def test_a_disk_that_fills_up_during_the_start_is_stood_in_for_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, runtime_dir = tmp_path / "own", tmp_path / "run"
    runtime_dir.mkdir()
    connect(path).close()
    key = GatewayKey.make(tmp_path)
    store = Store(path, ())

    def full(_path: Path) -> sqlite3.Connection:
        monkeypatch.undo()
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_WRITE"
        raise error

    monkeypatch.setattr(store_module, "connect", full)
    assert await stand_in.open_store(store, path, runtime_dir, key) is None
    assert store.own is None
    assert await store.read(read_incidents) == []
    await store.change(lambda connection: connection.execute("DELETE FROM fault"))
    assert store.own == path
    await store.close()
