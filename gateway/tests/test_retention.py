"""What is over goes, what is open stays, and a file that is pruned does not grow."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.disk import journal, outbox_rows
from gateway.disk.retention import DAY_S, Retention, erase_journal, prune
from gateway.disk.store import connect
from gateway.drafts import Entry, Notice
from gateway.events import Delivered

NOW = 1_800_000_000.0
TERMS = Retention()
OLD = NOW - 400 * DAY_S


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "db")) as connection:
        yield connection


def add_incident(disk: sqlite3.Connection, name: str, state: str, closed_at: float | None) -> None:
    disk.execute(
        "INSERT INTO incident (id, device, first_counter, last_counter, kind, opened_at,"
        " updated_at, state, duress, cancelled, felt, delivered, told, events, closed_at)"
        " VALUES (?, 'button-01', 16, 16, 'panic', 1.0, 1.0, ?, 0, 0, 0, 0, 1, 1, ?)",
        (name, state, closed_at),
    )


def add_event(
    disk: sqlite3.Connection,
    event: str,
    at: float,
    *,
    urgent: bool = True,
    incident: str | None = None,
    delivered: bool = False,
) -> None:
    outbox_rows.insert(disk, [Notice(event, event, urgent, "t", at, incident, 1, {})], ["broker"])
    if delivered:
        (row,) = disk.execute("SELECT id FROM outbox WHERE event = ?", (event,)).fetchone()
        outbox_rows.mark_delivered(disk, [Delivered(row, "broker", incident, 1, at)])


def names(disk: sqlite3.Connection, table: str, column: str) -> list[str]:
    return [name for (name,) in disk.execute(f"SELECT {column} FROM {table} ORDER BY 1")]


def pruned(disk: sqlite3.Connection) -> int:
    forgotten = 0
    while part := prune(disk, TERMS, NOW):
        forgotten += part
    return forgotten


def test_only_what_was_closed_long_ago_and_has_been_told_is_forgotten(
    disk: sqlite3.Connection,
) -> None:
    add_incident(disk, "open", "open", None)
    add_incident(disk, "acknowledged", "acknowledged", None)
    add_incident(disk, "old", "closed", OLD)
    add_incident(disk, "untold", "closed", OLD)
    add_incident(disk, "recent", "closed", NOW - 364 * DAY_S)
    add_event(disk, "untold.1", OLD, incident="untold")
    add_event(disk, "last", NOW)
    assert pruned(disk) == 1
    assert names(disk, "incident", "id") == ["acknowledged", "open", "recent", "untold"]


def test_an_event_goes_once_confirmed_and_an_alert_never_before(disk: sqlite3.Connection) -> None:
    add_incident(disk, "open", "open", None)
    add_event(disk, "confirmed", NOW - 8 * DAY_S, delivered=True)
    add_event(disk, "confirmed lately", NOW - 6 * DAY_S, delivered=True)
    add_event(disk, "of an open one", NOW - 8 * DAY_S, incident="open", delivered=True)
    add_event(disk, "alert", OLD)
    add_event(disk, "news", NOW - 8 * DAY_S, urgent=False)
    add_event(disk, "news of late", NOW - 6 * DAY_S, urgent=False)
    assert pruned(disk) == 2
    kept = ["alert", "confirmed lately", "news of late", "of an open one"]
    assert names(disk, "outbox", "event") == kept


def test_no_row_number_is_given_twice(disk: sqlite3.Connection) -> None:
    add_event(disk, "only", OLD, delivered=True)
    pruned(disk)
    add_event(disk, "next", NOW)
    assert disk.execute("SELECT count(DISTINCT id), count(*) FROM outbox").fetchone() == (2, 2)


def test_the_journal_forgets_who_and_still_verifies(disk: sqlite3.Connection) -> None:
    add_incident(disk, "open", "open", None)
    for incident, at in (("closed", OLD), ("open", OLD), ("closed", NOW)):
        journal.append(disk, [Entry("acknowledged", at, incident, "b", {"by": "Jo"})], at)
    assert erase_journal(disk, TERMS, NOW) == 1
    assert erase_journal(disk, TERMS, NOW) == 0
    verdict = journal.verify(disk)
    assert verdict.intact
    assert verdict.erased == 1
    by = [line.get("by") for line in journal.timeline(disk, "closed")]
    assert by == [None, "Jo"]
    assert journal.timeline(disk, "open")[0]["by"] == "Jo"


def test_a_month_of_load_leaves_the_file_as_large_as_a_week_does(disk: sqlite3.Connection) -> None:
    pages = {}
    for day in range(31):
        at = NOW - (31 - day) * DAY_S
        day_s = [
            Notice(f"{day}.{number}", "s", True, "t", at, None, 1, {"label": "x" * 400})
            for number in range(200)
        ]
        disk.execute("BEGIN")
        outbox_rows.insert(disk, day_s, ["broker"])
        disk.execute("UPDATE outbox SET delivered_at = at")
        disk.execute("COMMIT")
        while prune(disk, TERMS, at):
            pass
        pages[day] = disk.execute("PRAGMA page_count").fetchone()[0]
    assert pages[30] <= pages[9] * 1.02
    assert pages[9] > pages[0] * 2  # and a week is a load that would be seen
    assert disk.execute("SELECT count(*) FROM outbox").fetchone()[0] <= 8 * 200
