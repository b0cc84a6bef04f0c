"""Whatever became of the database, the devices are known again, and what is old is not taken for news."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pyrage
import pytest

from gateway.cases.visit_table import read_visits
from gateway.disk import enrolment_files, high_water, outbox_rows, write_ahead_log
from gateway.disk.aside import KEPT
from gateway.disk.enrolment import parse
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.heard import read_states
from gateway.disk.rebuild import LOG_LOST, Rebuilt, damage, make_sound, suspect
from gateway.disk.registry import enrol, read_devices
from gateway.disk.rows import read_incidents
from gateway.disk.schema import NewerSchema
from gateway.disk.store import Store, connect
from gateway.frames.device_state import DeviceState
from gateway.ledger import Ledger
from gateway.tests.bench import small_disk
from gateway.tests.builders import BEARING, DEVICE, KEY, LABEL, PLACE, take, uplink
from protocol.constants import COUNTER_LIMIT
from protocol.identity import incident_id
from protocol.keys import Keys
from protocol.kinds import PANIC, incident_word

OTHER = "button-02"
OTHER_KEY = b"sixteen byte key"
INCIDENT = incident_id(Keys(KEY), 16).hex()
NOW = 1_800_000_000.0
ASIDE = "gateway.sqlite.damaged-20270115T080000Z"


def enrolment(name: str, key: bytes) -> bytes:
    table: dict[str, object] = {"id": name, "key": key.hex(), "role": "button", "label": LABEL}
    table |= {"place": PLACE, "heartbeat_s": 300, "counter": 0, "date": "2026-01-31"}
    return json.dumps(table).encode()


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Return the database of a gateway that has heard two alerts; of one device a file was kept."""
    key, path = GatewayKey.make(tmp_path), tmp_path / "gateway.sqlite"
    recipient = pyrage.x25519.Recipient.from_str(key.recipient)
    with closing(connect(path)) as connection:
        for name, secret in ((DEVICE, KEY), (OTHER, OTHER_KEY)):
            enrol(connection, parse(enrolment(name, secret)), key.seal, key.unseal)
        devices = read_devices(connection, key.unseal)
    enrolment_files.keep(tmp_path, DEVICE, pyrage.encrypt(enrolment(DEVICE, KEY), [recipient]))
    store = Store(path, ("broker",))
    await store.open()
    states = {device.id: DeviceState(device.floor) for device in devices.values()}
    known = Ledger(devices, states, bearing=BEARING)
    batch = known.batch()
    take(batch, uplink(incident_word(PANIC, 0, 0, 0, 7), 16))
    known.adopt(await store.commit(batch))
    await store.close()
    return path


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def fill_with_garbage(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def spoil_the_header(path: Path) -> None:
    path.write_bytes(b"not SQLite at all" + path.read_bytes()[17:])


def spoil_the_middle(path: Path) -> None:
    stored = bytearray(path.read_bytes())
    stored[4096 * 3 :] = os.urandom(len(stored) - 4096 * 3)
    path.write_bytes(stored)


def rebuilt(path: Path) -> Rebuilt:
    found = make_sound(path, GatewayKey.load(path.parent), NOW)
    assert found is not None
    return found


def test_a_sound_database_is_left_alone(path: Path) -> None:
    before = path.read_bytes()
    assert make_sound(path, GatewayKey.load(path.parent), NOW) is None
    assert path.read_bytes() == before


def test_a_gateway_that_is_new_has_nothing_to_make_anew(tmp_path: Path) -> None:
    assert make_sound(tmp_path / "gateway.sqlite", GatewayKey.make(tmp_path), NOW) is None


@pytest.mark.parametrize(
    "spoil", [truncate, empty, fill_with_garbage, spoil_the_header, spoil_the_middle, Path.unlink]
)
def test_whatever_became_of_it_the_device_is_known_and_its_counters_are_doubted(
    path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(path)
    gone = not path.exists()
    found = rebuilt(path)
    assert found.aside == (None if gone else path.with_name(ASIDE))
    assert found.aside is None or found.aside.exists()
    assert damage(path) is None
    with closing(connect(path)) as connection:
        devices = read_devices(connection, GatewayKey.load(path.parent).unseal)
        states = read_states(connection)
    assert devices[DEVICE].label == LABEL
    assert incident_id(devices[DEVICE].keys, 16).hex() == INCIDENT
    assert states[DEVICE].doubt.covers(16, NOW)  # the alert that was accepted before
    assert not states[DEVICE].doubt.covers(16 + high_water.AHEAD + 1, NOW)
    assert make_sound(path, GatewayKey.load(path.parent), NOW) is None


def test_a_card_that_goes_bad_again_and_again_is_not_filled_with_what_was_set_aside(
    path: Path,
) -> None:
    key = GatewayKey.load(path.parent)
    for hour in range(5):
        fill_with_garbage(path)
        path.with_name(f"{path.name}-wal").write_bytes(b"what lies beside it")
        assert make_sound(path, key, NOW + 3600 * hour) is not None
    left = sorted(one.name for one in path.parent.glob("*.damaged-*"))
    stamps = {name.partition("-")[2][:16] for name in left}
    assert len(stamps) == KEPT
    assert ASIDE not in left


def test_without_the_second_copy_everything_is_in_doubt_for_a_day(path: Path) -> None:
    path.with_name(high_water.FILE_NAME).unlink()
    fill_with_garbage(path)
    assert rebuilt(path).devices == 1
    with closing(connect(path)) as connection:
        doubt = read_states(connection)[DEVICE].doubt
    assert (doubt.below, doubt.until) == (COUNTER_LIMIT, NOW + 86_400.0)


def test_what_can_be_read_and_checked_comes_back(path: Path) -> None:
    suspect(path, "SQLITE_CORRUPT")
    found = rebuilt(path)
    assert (found.why, found.devices, found.incidents, found.waiting) == ("suspect", 2, 1, 1)
    with closing(connect(path)) as connection:
        (incident,) = read_incidents(connection)
        (row,) = outbox_rows.waiting(connection, "broker", 16)
        assert set(read_devices(connection, GatewayKey.load(path.parent).unseal)) == {DEVICE, OTHER}
    assert (incident.id, incident.device) == (INCIDENT, DEVICE)
    assert row.event == f"{INCIDENT}.1"
    assert make_sound(path, GatewayKey.load(path.parent), NOW) is None


def test_a_visit_that_ran_still_calls_for_help(path: Path) -> None:
    with closing(connect(path)) as connection:
        for device, starts, overdue in ((DEVICE, "[16]", 0), (OTHER, "[32]", 1)):
            row = (device, starts, "[]", 5, NOW, NOW + 300.0, None, overdue, 0)
            connection.execute(
                "INSERT INTO visit (device, starts, others, minutes, started_at, due_at, ended_at,"
                " overdue, end_shown) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
    suspect(path, "SQLITE_CORRUPT")
    rebuilt(path)
    with closing(connect(path)) as connection:
        (visit,) = read_visits(connection, NOW + 60.0, NOW + 60.0).values()
    assert (visit.device, visit.starts, visit.due_s, visit.runs) == (
        DEVICE,
        (16,),
        NOW + 300.0,
        True,
    )


def test_what_is_not_ours_or_makes_no_sense_does_not_come_back(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("UPDATE device SET sealed_key = x'00' WHERE id = ?", (OTHER,))
        connection.execute("UPDATE incident SET state = 'nonsense'")
        connection.execute("UPDATE outbox SET data = 'nonsense'")
    suspect(path, "SQLITE_CORRUPT")
    found = rebuilt(path)
    assert (found.devices, found.incidents, found.waiting) == (1, 0, 0)


def test_a_log_that_is_passed_over_leaves_what_it_held_in_doubt(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("UPDATE incident SET kind = 'hold_up'")
        log = path.with_name(f"{path.name}-wal")
        kept = {file: file.read_bytes() for file in (path, log)}
    for file, stored in kept.items():
        file.write_bytes(stored)
    assert not write_ahead_log.is_lost(path)
    log.write_bytes(bytes(4) + kept[log][4:])
    found = rebuilt(path)
    assert (found.why, found.aside, found.devices) == (LOG_LOST, None, 2)
    with closing(connect(path)) as connection:
        (incident,) = read_incidents(connection)
        state = read_states(connection)[DEVICE]
    assert incident.kind == "panic"  # as SQLite has it: the log is gone
    assert state.window.highest == 16
    assert state.doubt.covers(17, NOW)
    assert make_sound(path, GatewayKey.load(path.parent), NOW) is None


def test_any_byte_of_the_header_of_a_log_counts(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("UPDATE incident SET kind = 'hold_up'")
        log = path.with_name(f"{path.name}-wal")
        stored = log.read_bytes()
    for place in range(32):
        spoilt = bytearray(stored)
        spoilt[place] ^= 0x40
        log.write_bytes(spoilt)
        assert write_ahead_log.is_lost(path)


def test_an_enrolment_nobody_can_read_is_counted(path: Path) -> None:
    enrolment_files.keep(path.parent, "button-03", b"not age")
    path.unlink()
    found = rebuilt(path)
    assert (found.devices, found.lost) == (1, 1)


def test_a_newer_gateway_s_database_is_not_set_aside(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.executescript("PRAGMA user_version = 99; UPDATE compatible SET reads_from = 99")
    with pytest.raises(NewerSchema):
        make_sound(path, GatewayKey.load(path.parent), NOW)
    assert path.exists()


def test_a_full_disk_is_no_damage(path: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk) as mounted:
        if not mounted:
            pytest.skip("needs the right to mount a small disk")
        full = disk / path.name
        full.write_bytes(path.read_bytes())
        with suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        with pytest.raises(sqlite3.OperationalError):
            make_sound(full, GatewayKey.load(path.parent), NOW)
        assert full.read_bytes() == path.read_bytes()
