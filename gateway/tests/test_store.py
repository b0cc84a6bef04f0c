"""What is committed is all there after a restart; what fails leaves nothing."""

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from gateway import decisions
from gateway.disk import journal, outbox, outbox_rows
from gateway.disk.heard import read_states
from gateway.disk.rows import read_faults, read_incidents
from gateway.disk.schema import MIGRATIONS, NewerSchema, StoreDamaged, StoreFault
from gateway.disk.store import PAGE_BYTES, Store, connect
from gateway.drafts import Entry
from gateway.events import Acknowledge, Delivered, Fault, Restore
from gateway.frames.told import Told
from gateway.tests.bench import small_disk
from gateway.tests.builders import DEVICE, KEY, device, ledger, take, uplink
from protocol.identity import incident_id
from protocol.keys import Keys
from protocol.kinds import PANIC, incident_word

TOLD = Told(3_000, 9, 40, 48, 17)
ID = incident_id(Keys(KEY), 16).hex()


def seed(path: Path) -> None:
    """Put the device into the registry, as `enrol` does."""
    connection = connect(path)
    one = device()
    connection.execute(
        "INSERT INTO device"
        " (slot, id, sealed_key, role, label, place, heartbeat_s, floor, dated, enrolled_at)"
        " VALUES (1, ?, x'00', 'button', 'l', 'p', 300, 0, 'd', 0.0)",
        (one.id,),
    )
    connection.close()


async def opened(path: Path) -> Store:
    seed(path)
    store = Store(path, ("broker", "second"))
    await store.open()
    return store


async def test_everything_of_a_batch_is_there_after_a_restart(tmp_path: Path) -> None:
    store = await opened(tmp_path / "db")
    known = ledger()
    known.states[DEVICE].told = TOLD
    batch = known.batch()
    take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), 16))
    decisions.take_acknowledge(batch, Acknowledge(ID, "Jo", 3, 1_001.0))
    decisions.take_condition(batch, Fault("radio.head", "link_down", 5.0))
    committed = await store.commit(batch)
    assert committed.batch is batch
    known.adopt(committed)
    await store.close()

    connection = connect(tmp_path / "db")
    assert read_incidents(connection) == list(known.incidents.values())
    states = read_states(connection)
    assert states[DEVICE].window.highest == 16
    assert states[DEVICE].recent == known.states[DEVICE].recent
    assert states[DEVICE].told == known.states[DEVICE].told == TOLD
    assert read_faults(connection) == known.faults
    assert [entry["event"] for entry in journal.timeline(connection, ID)] == [
        "raised",
        "acknowledged",
    ]
    for target in ("broker", "second"):
        assert outbox_rows.depth(connection, target)[0] == 3
    connection.close()


async def test_a_restore_removes_the_fault(tmp_path: Path) -> None:
    store = await opened(tmp_path / "db")
    known = ledger()
    for event in (Fault("a", "b", 5.0), Restore("a", "b", 6.0)):
        batch = known.batch()
        decisions.take_condition(batch, event)
        known.adopt(await store.commit(batch))
    assert await store.read(read_faults) == {}
    await store.close()


async def test_the_receipt_has_what_the_outboxes_hold(
    tmp_path: Path,
) -> None:
    store = await opened(tmp_path / "db")
    known = ledger()
    batch = known.batch()
    take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), 16))
    committed = await store.commit(batch)
    stored = await store.read(lambda found: outbox_rows.waiting(found, "broker", 16))
    mine = [one.columns for one in committed.written if one.target == "broker"]
    assert [outbox_rows.row_of(columns) for columns in mine][:1] == stored
    await store.close()


async def test_a_batch_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    store = await opened(tmp_path / "db")
    pages = await store.read(lambda connection: connection.execute("PRAGMA page_count").fetchone())
    await store.read(
        lambda connection: connection.execute(f"PRAGMA max_page_count = {pages[0]}").fetchone()
    )
    known = ledger()
    batch = known.batch()
    for counter in range(16, 64 * 16, 16):
        take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), counter))
    with pytest.raises(StoreFault):
        await store.commit(batch)
    assert await store.read(read_incidents) == []
    assert await store.read(read_states) == {}
    assert (await store.read(lambda connection: outbox_rows.depth(connection, "broker")))[0] == 0
    await store.read(
        lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchone()
    )
    await store.commit(batch)
    assert len(await store.read(read_incidents)) == 63
    assert (await store.read(journal.verify)).intact
    await store.close()


async def test_a_disk_that_cannot_be_read_is_a_fault_and_nothing_waits(tmp_path: Path) -> None:
    store = await opened(tmp_path / "db")

    def fail(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(StoreFault):
        await store.read(fail)
    await store.read(lambda connection: connection.execute("DROP TABLE outbox"))
    assert await outbox.Outbox(store, "broker").rows(16) == []
    await store.close()


async def test_our_own_mistake_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    store = Store(tmp_path / "db", ())
    await store.open()  # no such device in the registry
    known = ledger()
    batch = known.batch()
    take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), 16))
    with pytest.raises(sqlite3.IntegrityError):
        await store.commit(batch)
    assert await store.read(read_incidents) == []
    await store.close()


async def test_rows_wait_in_order_one_a_subject_alerts_first(tmp_path: Path) -> None:
    store = await opened(tmp_path / "db")
    known = ledger()
    batch = known.batch()
    decisions.take_condition(batch, Fault("radio.head", "link_down", 5.0))
    for counter in (16, 32):
        take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), counter))
    decisions.take_acknowledge(batch, Acknowledge(ID, "Jo", 3, 1_001.0))
    known.adopt(await store.commit(batch))
    box = outbox.Outbox(store, "broker")
    rows = await box.rows(16)
    assert [row.type for row in rows] == ["tocsin.alert.raised"] * 2 + ["tocsin.gateway.fault"]
    assert len(await box.rows(1)) == 1

    batch = known.batch()
    decisions.take_delivered(batch, Delivered(rows[0].id, "broker", ID, rows[0].number, 9.0))
    await store.commit(batch)
    assert [row.type for row in await box.rows(16)] == [
        "tocsin.alert.raised",
        "tocsin.alert.acknowledged",
        "tocsin.gateway.fault",
    ]
    assert len(await outbox.Outbox(store, "second").rows(16)) == 3
    await store.close()


async def test_the_outbox_wakes_and_gives_up_waiting(tmp_path: Path) -> None:
    box = outbox.Outbox(Store(tmp_path / "db", ()), "broker")
    await box.changed(0.001)
    box.wake()
    await box.changed(60.0)


def test_the_journal_is_append_only(tmp_path: Path) -> None:
    connection = connect(tmp_path / "db")
    journal.append(connection, [Entry("raised", 0.0, ID, DEVICE, {})], 0.0)
    for statement in (
        "UPDATE journal SET name = 'x'",
        "DELETE FROM journal",
        "UPDATE journal SET content = '{}'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_the_database_is_written_through_and_versioned(tmp_path: Path) -> None:
    connection = connect(tmp_path / "db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA page_size").fetchone() == (PAGE_BYTES,)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.executescript("PRAGMA user_version = 99; UPDATE compatible SET reads_from = 99")
    connection.close()
    with pytest.raises(NewerSchema):
        connect(tmp_path / "db")


async def test_what_is_damaged_is_no_fault_that_passes(tmp_path: Path) -> None:
    store = await opened(tmp_path / "db")

    def fail(connection: sqlite3.Connection) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorname = "SQLITE_CORRUPT_VTAB"
        raise error

    with pytest.raises(StoreDamaged, match="SQLITE_CORRUPT"):
        await store.read(fail)
    await store.close()


async def test_room_held_back_is_given_back_for_an_alert(tmp_path: Path) -> None:
    with small_disk(tmp_path) as mounted:
        if not mounted:
            pytest.skip("needs the right to mount a small disk")
        store = await opened(tmp_path / "db")
        (tmp_path / "ballast").write_bytes(bytes(300_000))
        with contextlib.suppress(OSError), (tmp_path / "filler").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        known = ledger()
        for counter in range(16, 6 * 16, 16):
            batch = known.batch()
            take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), counter))
            known.adopt(await store.commit(batch))
        assert not store.ballast.laid
        assert len(await store.read(read_incidents)) == 5
        await store.close()


async def test_the_log_is_written_back_behind_commits_and_stays_short(tmp_path: Path) -> None:
    store = await opened(tmp_path / "db")
    known = ledger()
    for counter in range(16, 16 * 200, 16):
        batch = known.batch()
        take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), counter))
        known.adopt(await store.commit(batch))
    assert (tmp_path / "db-wal").stat().st_size < 100 * 16 * 4096
    await store.close()


async def test_what_is_there_for_the_gateway_alone_is_for_nobody_else(tmp_path: Path) -> None:
    store = await opened(tmp_path / "db")
    batch = ledger().batch()
    take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), 16))
    await store.commit(batch)
    modes = {entry.stat().st_mode & 0o077 for entry in os.scandir(tmp_path)}
    assert modes == {0}
    await store.close()
