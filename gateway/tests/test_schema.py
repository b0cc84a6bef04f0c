"""What a database of an earlier version holds is still there after the steps to the newest."""

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.disk import journal, outbox_rows
from gateway.disk.heard import read_states
from gateway.disk.rows import read_incidents
from gateway.disk.schema import MIGRATIONS
from gateway.disk.store import connect
from gateway.drafts import Entry
from gateway.events import Freshness
from gateway.frames.device_clock import DeviceClock, Heard
from gateway.frames.device_state import DeviceState
from gateway.frames.doubt import NO_DOUBT
from gateway.frames.told import Told
from gateway.tests.builders import DEVICE

INCIDENT = "ab" * 16
CLOCK = DeviceClock(Heard(16, 7, 5.0))


def first_version(path: Path) -> bytes:
    """Make a database as version 1 left it, with a device that was heard; return its window."""
    state = DeviceState()
    state.accept(16, bytes(15))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute(
            "INSERT INTO device VALUES (1, ?, x'00', 'button', 'l', 'p', 300, 0, 'd', 0.0)",
            (DEVICE,),
        )
        window = state.window.to_bytes()
        connection.execute(
            "INSERT INTO state VALUES (?, ?, ?, 5.0, 'head', 'ble', 3000)",
            (DEVICE, window, state.recent_to_bytes()),
        )
        connection.execute(
            "INSERT INTO incident VALUES"
            " (?, ?, 16, 16, 'panic', 1.0, 1.0, 'open', 0, 1, 0, 0, 1, 1,"
            " NULL, NULL, NULL, NULL, NULL, NULL)",
            (INCIDENT, DEVICE),
        )
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    return window


def test_a_database_of_version_1_keeps_what_it_knew(tmp_path: Path) -> None:
    window = first_version(tmp_path / "db")
    for _ in range(2):  # and the steps are taken once
        with closing(connect(tmp_path / "db")) as connection:
            state = read_states(connection)[DEVICE]
            (incident,) = read_incidents(connection)
    assert state.window.to_bytes() == window
    assert state.recent == {bytes(15): 16}
    assert (state.heard_at, state.contact_at) == (5.0, 5.0)
    assert (state.heard_by, state.medium) == ("head", "ble")
    assert state.told == Told(battery_mv=3_000)
    assert state.clock == DeviceClock()
    assert incident.cancelled
    assert incident.freshness is Freshness.UNVERIFIED
    assert not incident.cancel_unverified


def test_a_database_of_version_2_keeps_what_it_knew(tmp_path: Path) -> None:
    first_version(tmp_path / "db")
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.executescript(MIGRATIONS[1])
        connection.execute("UPDATE state SET clock = ?", (CLOCK.to_bytes(),))
        connection.execute("PRAGMA user_version = 2")
        connection.commit()
    with closing(connect(tmp_path / "db")) as connection:
        state = read_states(connection)[DEVICE]
    assert state.clock == CLOCK
    assert state.recent == {bytes(15): 16}
    assert state.told == Told(battery_mv=3_000)


def test_the_state_goes_with_its_device_after_the_steps_too(tmp_path: Path) -> None:
    first_version(tmp_path / "db")
    with closing(connect(tmp_path / "db")) as connection:
        connection.execute("DELETE FROM device")
        assert read_states(connection) == {}


def test_a_database_of_version_3_keeps_its_events_their_order_and_their_numbers(
    tmp_path: Path,
) -> None:
    first_version(tmp_path / "db")
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.executescript(MIGRATIONS[1] + MIGRATIONS[2])
        connection.executemany(
            "INSERT INTO outbox VALUES (?, 'broker', ?, ?, ?, 't', 5.0, ?, 1, '{}', ?)",
            [
                (7, "a.1", "a", 1, "a", 6.0),
                (8, "news", "n", 0, None, None),
                (9, "b.1", "b", 1, "b", None),
            ],
        )
        connection.execute("UPDATE incident SET freshness = 'fresh', cancel_unverified = 1")
        connection.execute("PRAGMA user_version = 3")
        connection.commit()
    with closing(connect(tmp_path / "db")) as connection:
        rows = outbox_rows.waiting(connection, "broker", 16)
        (incident,) = read_incidents(connection)
        (state,) = read_states(connection).values()
        connection.execute(
            "INSERT INTO outbox (target, event, subject, urgent, type, at, number, data)"
            " VALUES ('broker', 'c.1', 'c', 1, 't', 5.0, 1, '{}')"
        )
        (newest,) = connection.execute("SELECT max(id) FROM outbox").fetchone()
    assert [(row.id, row.event) for row in rows] == [(9, "b.1"), (8, "news")]
    assert newest == 10
    assert (incident.freshness, incident.cancel_unverified) == (Freshness.FRESH, True)
    assert state.doubt == NO_DOUBT


def test_a_database_of_version_4_keeps_its_journal_and_what_was_erased_of_it(
    tmp_path: Path,
) -> None:
    with closing(connect(tmp_path / "now")) as connection:
        entries = [Entry("raised", 1.0, "ab", "button-01", {"by": who}) for who in ("Jo", "Al")]
        journal.append(connection, entries, 2.0)
        rows = connection.execute("SELECT * FROM journal").fetchall()
    first_version(tmp_path / "db")
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.executescript("".join(MIGRATIONS[1:4]) + "DROP TABLE journal_3")
        for row in rows:
            connection.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", row[:7])
        connection.execute("INSERT INTO journal_content VALUES (?, ?, ?)", (1, *rows[0][7:]))
        connection.execute("PRAGMA user_version = 4")
        connection.commit()
    with closing(connect(tmp_path / "db")) as connection:
        verdict = journal.verify(connection)
        timeline = journal.timeline(connection, "ab")
    assert (verdict.intact, verdict.head.n, verdict.erased) == (True, 2, 1)
    assert [row.get("by") for row in timeline] == ["Jo", None]
