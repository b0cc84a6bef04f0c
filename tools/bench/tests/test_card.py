"""What goes to the card is counted by the page, whatever is written by the byte."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tools.bench.card import PAGE, Card, commits, tidied

FRAME = 24 + PAGE


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "gateway.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE noted (n INTEGER PRIMARY KEY, what BLOB)")
        yield path


def note(path: Path, count: int = 1, what: bytes = b"") -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        for _ in range(count):
            connection.execute("INSERT INTO noted (what) VALUES (?)", (what,))


def test_a_commit_of_one_frame_touches_two_pages(database: Path) -> None:
    card = Card(database)
    note(database, 3)
    card.look_at_log()
    assert card.log == 3 * 2 * PAGE
    card.look_at_log()
    assert card.log == 3 * 2 * PAGE


def test_commits_are_told_apart_and_a_torn_one_is_none(database: Path) -> None:
    note(database, 2)
    content = database.with_name("gateway.sqlite-wal").read_bytes()
    found = commits(content)
    assert len(found) == 3
    assert [end - begin for begin, end in found][1:] == [FRAME, FRAME]
    assert len(commits(content[:-1])) == 2
    assert commits(b"") == {}


def test_a_log_that_began_anew_is_counted_again(database: Path) -> None:
    note(database, 4)
    card = Card(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    note(database, 2)
    card.look_at_log()
    assert card.log == 2 * 2 * PAGE


def test_other_files_count_by_what_has_changed_and_the_database_does_not(database: Path) -> None:
    other = database.with_name("high_water")
    other.write_bytes(bytes(3 * PAGE))
    card = Card(database)
    other.write_bytes(bytes(PAGE) + b"x" + bytes(2 * PAGE - 1) + b"y")
    card.settle()
    assert card.others == 2 * PAGE  # the second changed, the fourth is new
    card.settle()
    assert card.others == 2 * PAGE


def test_what_changes_again_within_half_a_minute_is_written_once(database: Path) -> None:
    other = database.with_name("high_water")
    other.write_bytes(bytes(PAGE))
    card = Card(database)
    for look in range(6):
        other.write_bytes(bytes([look + 1]) * PAGE)
        card.look_at_files()
        assert card.others == 0
    card.look_at_files()
    assert card.others == PAGE
    for _ in range(8):  # and then nothing
        card.look_at_files()
    assert card.others == PAGE


def test_writing_the_log_back_is_measured_on_a_copy(database: Path) -> None:
    note(database, 30, bytes(1000))
    size = database.stat().st_size
    assert tidied(database) >= 8 * PAGE
    assert database.stat().st_size == size
