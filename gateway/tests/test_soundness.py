"""The whole database is read once a day: what the start does not see is found, and nothing else."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.disk.rebuild import damage
from gateway.disk.schema import StoreDamaged
from gateway.disk.soundness import EVERY_S, FIRST_S, Soundness, unsound
from gateway.disk.store import Store, connect
from gateway.tests.builders import ledger
from gateway.tests.test_upkeep import upkeep


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database whose index lacks a row: one that waits for an upstream would never be told."""
    path = tmp_path / "db"
    with closing(connect(path)) as database:
        database.execute(
            "INSERT INTO outbox (target, event, subject, urgent, type, at, number, data)"
            " VALUES ('broker', 'e', 's', 1, 't', 1.0, 1, '{}')"
        )
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def lose_a_row_of_the_index(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'outbox_waiting'"
        (page,) = database.execute(query).fetchone()
        (page_len,) = database.execute("PRAGMA page_size").fetchone()
    whole = path.read_bytes()
    begin = (page - 1) * page_len
    index = whole[begin : begin + page_len].replace(b"broker", b"brakes")
    path.write_bytes(whole[:begin] + index + whole[begin + page_len :])


def test_an_index_that_lacks_a_row_is_found_here_and_not_by_the_start(path: Path) -> None:
    assert unsound(path) is None
    lose_a_row_of_the_index(path)
    assert damage(path) is None
    assert unsound(path) == "integrity_check"


def test_garbage_is_named_and_what_cannot_be_read_now_is_no_damage(path: Path) -> None:
    path.write_bytes(b"no database" * 999)
    assert unsound(path) == "SQLITE_NOTADB"
    path.unlink()
    assert unsound(path) is None


async def test_it_is_looked_at_an_hour_after_the_start_and_once_a_day(path: Path) -> None:
    looks = Soundness(0.0)
    lose_a_row_of_the_index(path)
    times = (FIRST_S - 1, FIRST_S, FIRST_S + EVERY_S - 1, FIRST_S + EVERY_S)
    found = [await looks.look(path, now_s) for now_s in times]
    assert found == [None, "integrity_check", None, "integrity_check"]
    assert await looks.look(None, 1e9) is None, "a copy stands in for it"


async def test_what_is_found_ends_the_service_so_that_the_start_makes_another(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(path, ())
    await store.open()
    keeper = upkeep(path.parent, store, [])
    await keeper.look(ledger())
    lose_a_row_of_the_index(path)
    await keeper.look(ledger())
    monkeypatch.setattr("gateway.gateway_clock.running_s", lambda: 1e9)
    with pytest.raises(StoreDamaged, match="integrity_check"):
        await keeper.look(ledger())
    await store.close()
