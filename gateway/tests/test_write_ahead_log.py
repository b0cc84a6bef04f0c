import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.disk import write_ahead_log
from gateway.disk.store import PAGE_BYTES, Store, connect
from gateway.disk.write_ahead_log import FULL_LEN, is_cut, is_lost, lengthen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db"


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE noted (number INTEGER)")
        yield connection


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def test_what_is_committed_to_a_lengthened_log_is_written_in_place(
    path: Path, database: sqlite3.Connection
) -> None:
    lengthen(database, path)
    for number in range(50):
        database.execute("INSERT INTO noted VALUES (?)", (number,))
    assert log_of(path).stat().st_size == FULL_LEN
    assert not is_lost(path)


def test_a_lengthened_log_is_read_to_its_last_commit_and_no_further(
    path: Path, database: sqlite3.Connection, tmp_path: Path
) -> None:
    lengthen(database, path)
    database.executemany("INSERT INTO noted VALUES (?)", [(1,), (2,)])
    (tmp_path / "copy").mkdir()
    for name in ("db", "db-wal"):  # what a power cut leaves
        shutil.copy(tmp_path / name, tmp_path / "copy" / name)
    with closing(connect(tmp_path / "copy" / "db")) as found:
        assert found.execute("SELECT number FROM noted").fetchall() == [(1,), (2,)]
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_while_another_writes_the_log_is_left_as_it_is(
    path: Path, database: sqlite3.Connection
) -> None:
    database.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO noted VALUES (1)")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            lengthen(database, path)
        assert log_of(path).stat().st_size < FULL_LEN
        other.execute("COMMIT")
    assert database.execute("SELECT number FROM noted").fetchall() == [(1,)]


def test_where_there_is_little_room_nothing_is_written(
    path: Path, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = log_of(path).read_bytes()
    usage = shutil.disk_usage(path.parent)._replace(free=FULL_LEN)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    lengthen(database, path)
    assert log_of(path).read_bytes() == before


async def test_where_the_disk_fails_the_log_keeps_its_length_and_commits_go_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(path, ())
    await store.open()
    await store.change(lambda connection: connection.execute("PRAGMA user_version = 5"))

    def fails(_: int) -> None:
        raise OSError

    monkeypatch.setattr(os, "fsync", fails)
    await store.lengthen_log()
    assert log_of(path).stat().st_size < write_ahead_log.FULL_LEN
    await store.change(lambda connection: connection.execute("CREATE TABLE noted (number)"))
    assert await store.read(lambda db: db.execute("SELECT count(*) FROM noted").fetchone()) == (0,)
    await store.close()


def _copied(path: Path, folder: Path) -> Path:
    """Return a copy as a power cut leaves it, while the first is open."""
    folder.mkdir()
    for name in ("db", "db-wal"):
        shutil.copy(path.with_name(name), folder / name)
    return folder / "db"


@pytest.mark.parametrize("lengthened", [True, False])
@pytest.mark.parametrize("damaged", [1, 3, 4, 5])
def test_a_log_with_whole_transactions_behind_a_damaged_frame_is_cut(
    path: Path, database: sqlite3.Connection, tmp_path: Path, damaged: int, lengthened: bool
) -> None:
    """Of five transactions, a frame each, one is damaged; the last alone may never have been committed."""
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if lengthened:
        lengthen(database, path)
        database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    for number in range(5):
        database.execute("INSERT INTO noted VALUES (?)", (number,))
    whole, copy = _copied(path, tmp_path / "whole"), _copied(path, tmp_path / "damaged")
    with log_of(copy).open("r+b") as log:
        log.seek(32 + (damaged - 1) * (24 + PAGE_BYTES) + 24 + PAGE_BYTES - 96)
        log.write(b"\xa5")
    assert not is_cut(whole)
    assert is_cut(copy) is (damaged < 5)
    with closing(sqlite3.connect(copy)) as found:
        assert found.execute("SELECT count(*) FROM noted").fetchone() == (damaged - 1,)


def test_a_log_without_its_database_is_left_alone(
    path: Path, database: sqlite3.Connection, tmp_path: Path
) -> None:
    database.executemany("INSERT INTO noted VALUES (?)", [(1,), (2,)])
    copy = _copied(path, tmp_path / "copy")
    copy.unlink()
    assert not is_cut(copy)
    assert not copy.exists()
    assert log_of(copy).exists()
