"""Whoever changes, cuts or makes anew what was written is found out; what is erased is not."""

import hashlib
import json
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.disk import journal
from gateway.disk.journal import NOTHING, Head
from gateway.disk.schema import MIGRATIONS, migrate
from gateway.disk.store import connect
from gateway.drafts import Entry
from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE, KEY
from gateway.tests.player import Wearer
from tools.properties import at_most

INCIDENT = "ab" * 16
COLUMNS = ("at", "written_at", "name", "incident", "digest", "chain")


def entry(name: str = "raised", incident: str | None = INCIDENT, **detail: object) -> Entry:
    return Entry(name, 10.0, incident, DEVICE, detail)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "db")) as connection:
        yield connection


@pytest.fixture
def written(database: sqlite3.Connection) -> sqlite3.Connection:
    """Three entries in two batches, the second acknowledged by a person."""
    journal.append(database, [entry(), entry("acknowledged", by="Jo Whitfield")], 11.0)
    journal.append(database, [entry("fault", None, code="link_down")], 99.0)
    return database


def force(connection: sqlite3.Connection, statement: str, *values: object) -> None:
    """Do what the triggers forbid, as somebody with the file in hand can."""
    for table in ("journal_is_not_rewritten", "journal_is_not_erased"):
        connection.execute(f"DROP TRIGGER IF EXISTS {table}")
    connection.execute("DROP TRIGGER IF EXISTS journal_content_is_not_rewritten")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(statement, values)


def test_an_untouched_journal_is_intact(written: sqlite3.Connection) -> None:
    verdict = journal.verify(written)
    assert verdict.intact
    assert verdict.head == journal.head(written)
    assert (verdict.head.n, verdict.erased) == (3, 0)


def test_an_empty_journal_is_intact_and_has_the_head_of_nothing(
    database: sqlite3.Connection,
) -> None:
    assert journal.append(database, [], 0.0) == journal.head(database) == NOTHING
    assert journal.verify(database).intact


@pytest.mark.parametrize("column", COLUMNS)
def test_any_change_of_an_entry_is_found_at_that_entry(
    written: sqlite3.Connection, column: str
) -> None:
    other = {"name": "closed", "incident": None, "digest": bytes(32), "chain": bytes(32)}
    force(written, f"UPDATE journal SET {column} = ? WHERE n = 2", other.get(column, 12.5))
    assert journal.verify(written).broken_at == 2


@pytest.mark.parametrize("column", ["salt", "content"])
def test_any_change_of_its_content_too(written: sqlite3.Connection, column: str) -> None:
    value = bytes(16) if column == "salt" else '{"device": "button-02", "detail": {}}'
    force(written, f"UPDATE journal SET {column} = ? WHERE n = 2", value)
    assert journal.verify(written).broken_at == 2


@pytest.mark.parametrize(("gone", "found_at"), [(1, 1), (2, 2)])
def test_an_entry_taken_out_is_missed(
    written: sqlite3.Connection, gone: int, found_at: int
) -> None:
    force(written, "DELETE FROM journal WHERE n = ?", gone)
    assert journal.verify(written).broken_at == found_at


def test_a_journal_cut_at_the_end_or_made_anew_differs_from_what_was_told_upstream(
    written: sqlite3.Connection, tmp_path: Path
) -> None:
    told = journal.head(written)
    force(written, "DELETE FROM journal WHERE n = 3")
    assert journal.verify(written).intact, "the chain alone cannot tell"
    assert journal.verify(written, told).broken_at == 3
    with closing(connect(tmp_path / "other")) as anew:
        journal.append(anew, [entry(), entry("acknowledged", by="Somebody else")], 11.0)
        journal.append(anew, [entry("fault", None, code="link_down")], 99.0)
        assert journal.verify(anew).intact
        assert journal.verify(anew, told).broken_at == 3


def test_erased_content_is_gone_and_the_chain_verifies(written: sqlite3.Connection) -> None:
    assert journal.erase(written, 50.0, 100.0) == 2
    assert "Whitfield" not in "\n".join(written.iterdump())
    verdict = journal.verify(written)
    assert verdict.intact
    assert (verdict.head.n, verdict.erased) == (4, 2)
    assert [row["event"] for row in journal.timeline(written, INCIDENT)] == [
        "raised",
        "acknowledged",
    ]
    *_, erasure = journal.export(written)
    assert erasure["event"] == "content_erased"
    assert json.loads(str(erasure["content"]))["detail"]["entries"] == 2
    assert journal.erase(written, 50.0, 101.0) == 0
    assert journal.head(written).n == 4, "nothing erased is no news"


def test_what_was_erased_is_nowhere_in_the_file(
    written: sqlite3.Connection, tmp_path: Path
) -> None:
    def on_disk() -> bool:
        written.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return b"Whitfield" in (tmp_path / "db").read_bytes()

    many = [entry("acknowledged", by="Jo Whitfield", text="-" * 100) for _ in range(100)]
    journal.append(written, many, 12.0)
    assert on_disk()
    journal.erase(written, 50.0, 100.0)
    assert not on_disk()


def test_an_erasure_spares_an_open_incident_and_the_word_of_earlier_erasures(
    written: sqlite3.Connection,
) -> None:
    assert journal.erase(written, 1e9, 100.0, spare=[INCIDENT]) == 1
    assert journal.erase(written, 1e9, 101.0, spare=[INCIDENT]) == 0
    assert journal.timeline(written, INCIDENT)[1]["by"] == "Jo Whitfield"


def test_the_same_content_has_another_digest_each_time(database: sqlite3.Connection) -> None:
    journal.append(database, [entry(), entry()], 11.0)
    one, other = database.execute("SELECT digest FROM journal").fetchall()
    assert one != other, "or erased names could be found by trying"


def test_an_export_can_be_checked_line_by_line_by_the_text_of_this_module(
    written: sqlite3.Connection,
) -> None:
    """Nothing of ours is used here: this is what a person elsewhere would write."""
    first, *lines = journal.export(written)
    before = bytes(32)
    for line in lines:
        digest = bytes.fromhex(str(line["digest"]))
        salted = bytes.fromhex(str(line["salt"])) + str(line["content"]).encode()
        assert hashlib.sha256(salted).digest() == digest
        assert bytes.fromhex(str(line["follows"])) == before
        name, incident = str(line["event"]).encode(), str(line["incident"] or "").encode()
        block = before + struct.pack(">Qdd", line["n"], line["at"], line["written_at"])
        block += len(name).to_bytes(2, "big") + name + len(incident).to_bytes(2, "big") + incident
        before = hashlib.sha256(block + digest).digest()
        assert before.hex() == line["chain"]
    assert first == {"head": {"n": 3, "sha256": before.hex()}}


def test_the_export_of_one_incident_has_its_entries_alone(written: sqlite3.Connection) -> None:
    _, *lines = journal.export(written, INCIDENT)
    assert [line["n"] for line in lines] == [1, 2]


async def test_the_head_committed_with_an_event_travels_in_it(tmp_path: Path) -> None:
    bench = await Bench(tmp_path).open()
    await bench.hear(Wearer(KEY).press())
    (row,) = await bench.outbox.rows(16)
    told = row.data["journal_head"]
    assert isinstance(told, dict)
    known = Head(told["n"], bytes.fromhex(told["sha256"]))
    assert known == await bench.store.read(journal.head)
    assert (await bench.store.read(lambda connection: journal.verify(connection, known))).intact
    await bench.store.close()


def test_the_entries_of_an_earlier_version_are_chained_up_in_their_order(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as old:
        for script in MIGRATIONS[:3]:
            old.executescript(script)
        for name in ("raised", "acknowledged"):
            old.execute(
                "INSERT INTO journal (at, written_at, name, incident, device, detail)"
                " VALUES (1.0, 2.0, ?, ?, ?, ?)",
                (name, INCIDENT, DEVICE, json.dumps({"by": "Jo"})),
            )
        old.execute("PRAGMA user_version = 3")
        old.commit()
    with closing(connect(tmp_path / "db")) as connection:
        assert journal.verify(connection).intact
        rows = journal.timeline(connection, INCIDENT)
        assert [(row["event"], row["written_at"], row["by"]) for row in rows] == [
            ("raised", 2.0, "Jo"),
            ("acknowledged", 2.0, "Jo"),
        ]
        assert not connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'journal_3'"
        ).fetchall()


@at_most(12)
@given(
    batches=st.lists(st.lists(st.text(max_size=8), max_size=4), min_size=1, max_size=6),
    erased=st.sets(st.integers(1, 24)),
    changed=st.integers(1, 24),
)
def test_whatever_is_erased_one_change_is_always_found(
    batches: list[list[str]], erased: set[int], changed: int
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        for number, texts in enumerate(batches):
            journal.append(connection, [entry(text) for text in texts], float(number))
        for n in erased:
            connection.execute("UPDATE journal SET salt = NULL, content = NULL WHERE n = ?", (n,))
        head = journal.head(connection)
        assert journal.verify(connection).head == head
        force(connection, "UPDATE journal SET at = at + 1 WHERE n = ?", changed)
        assert journal.verify(connection).broken_at == (changed if changed <= head.n else None)


def test_the_entries_of_an_incident_are_found_without_reading_all(
    written: sqlite3.Connection,
) -> None:
    before = journal.timeline(written, INCIDENT)
    journal.sort_in(written)
    journal.append(written, [entry("closed", by="Jo Whitfield"), entry("raised", "cd" * 16)], 120.0)
    assert journal.timeline(written, INCIDENT)[:-1] == before
    assert [row["event"] for row in journal.timeline(written, INCIDENT)][-1] == "closed"
    journal.sort_in(written)
    journal.sort_in(written)
    assert [row["event"] for row in journal.timeline(written, "cd" * 16)] == ["raised"]
    query = journal._TIMELINE.replace(":incident", f"'{INCIDENT}'")
    steps = [row[-1] for row in written.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert any("journal_of" in step for step in steps)
    assert not any(step.startswith("SCAN") and "journal" in step for step in steps)


def test_an_entry_costs_microseconds(database: sqlite3.Connection) -> None:
    database.execute("BEGIN")
    many = [entry("acknowledged", by="Jo", eta_minutes=5) for _ in range(1_000)]
    begin_s = time.process_time()
    journal.append(database, many, 11.0)
    each_us = (time.process_time() - begin_s) * 1e6 / len(many)
    database.execute("COMMIT")
    assert each_us < 500, "measured: about 35, on a machine with nothing else to do"
