"""What is restored is what was saved, but the windows; what is not for this gateway is refused."""

import io
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyrage
import pytest

from gateway.cases.visit_table import read_visits
from gateway.disk import high_water, signing_key
from gateway.disk.backup import BackupFault, backup, restore
from gateway.disk.enrolment import parse
from gateway.disk.gateway_key import GatewayKey, KeyFault
from gateway.disk.heard import read_states
from gateway.disk.high_water import Mark, life_of, to_bytes
from gateway.disk.registry import enrol, read_devices
from gateway.disk.rows import read_incidents, write_states
from gateway.disk.schema import NewerSchema
from gateway.disk.sole_user import AlreadyRunning, sole_user
from gateway.disk.store import PAGE_BYTES, connect
from gateway.frames.device_state import DeviceState
from gateway.tests.builders import DEVICE, KEY
from gateway.tests.test_rebuild import enrolment
from protocol.constants import COUNTER_LIMIT
from protocol.keys import Keys

NOW = 1_800_000_000.0
PERSON = "Jo Overwood"
FRAME = b"fifteen bytes !"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the database of a gateway with a device, heard once, and an incident."""
    folder = tmp_path / "state"
    folder.mkdir()
    path, key = folder / "gateway.sqlite", GatewayKey.make(folder)
    with closing(connect(path)) as connection:
        enrol(connection, parse(enrolment(DEVICE, KEY)), key.seal, key.unseal)
        state = DeviceState()
        state.accept(16, FRAME)
        write_states(connection, {DEVICE: state})
        connection.execute(
            "INSERT INTO incident (id, device, first_counter, last_counter, kind, opened_at,"
            " updated_at, state, duress, cancelled, felt, delivered, told, events, acknowledged_by)"
            " VALUES ('ab', ?, 16, 16, 'panic', 1.0, 1.0, 'acknowledged', 0, 0, 0, 0, 1, 1, ?)",
            (DEVICE, PERSON),
        )
    return path


@pytest.fixture
def running(path: Path) -> Iterator[None]:
    with sole_user(path.parent):
        yield


def elsewhere(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    return tmp_path / "new" / "gateway.sqlite"


@pytest.mark.usefixtures("running")
def test_it_is_made_while_the_gateway_runs_and_shows_nothing_to_whom_it_is_not_for(
    path: Path, tmp_path: Path
) -> None:
    with closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # a commit is under way
        connection.execute("UPDATE incident SET state = 'closed'")
        backup(path, tmp_path / "backup.age")
        connection.execute("ROLLBACK")
    stored = (tmp_path / "backup.age").read_bytes()
    assert stored.startswith(b"age-encryption.org/v1")
    assert PERSON.encode() not in stored
    assert (tmp_path / "backup.age").stat().st_mode & 0o777 == 0o600
    assert sorted(item.name for item in path.parent.iterdir() if "backup" in item.name) == []


def test_it_holds_no_windows_and_for_the_gateway_itself_no_key(path: Path, tmp_path: Path) -> None:
    with closing(connect(path)) as connection:
        visit = (DEVICE, "[16]", "[]", 5, NOW, NOW + 300.0, None, 0, 0)
        connection.execute(
            "INSERT INTO visit (device, starts, others, minutes, started_at, due_at, ended_at,"
            " overdue, end_shown) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            visit,
        )
    backup(path, tmp_path / "backup.age")
    plain = GatewayKey.load(path.parent).unseal((tmp_path / "backup.age").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        assert archive.getnames() == ["gateway.sqlite"]
        archive.extract("gateway.sqlite", tmp_path, filter="data")
    assert FRAME in path.read_bytes()
    assert FRAME not in (tmp_path / "gateway.sqlite").read_bytes()
    with closing(connect(tmp_path / "gateway.sqlite")) as connection:
        assert read_states(connection) == {}
        assert read_visits(connection, NOW, NOW) == {}


def test_what_was_written_in_large_pages_comes_back_in_those_of_a_new_database(
    path: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM")
        assert connection.execute("PRAGMA page_size").fetchone() == (4096,)
    backup(path, tmp_path / "backup.age")
    restore(path, tmp_path / "backup.age", NOW)
    with closing(connect(path)) as connection:
        assert connection.execute("PRAGMA page_size").fetchone() == (PAGE_BYTES,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert [one.id for one in read_incidents(connection)] == ["ab"]


def test_it_comes_back_in_doubt_of_every_counter_up_to_the_second_copy(
    path: Path, tmp_path: Path
) -> None:
    backup(path, tmp_path / "backup.age")
    life = life_of(Keys(KEY))
    (path.parent / high_water.FILE_NAME).write_bytes(to_bytes({DEVICE: Mark(life, 500, 660)}))
    with closing(connect(path)) as connection:
        connection.execute("DELETE FROM incident")
    restored = restore(path, tmp_path / "backup.age", NOW)
    assert (restored.devices, restored.key) == (1, False)
    assert restored.aside is not None
    assert restored.aside.exists()
    with closing(connect(path)) as connection:
        (incident,) = read_incidents(connection)
        state = read_states(connection)[DEVICE]
    assert incident.acknowledged_by == PERSON
    assert (state.window.highest, state.doubt.below) == (500, 661)


def test_for_a_named_recipient_it_sets_up_another_machine(path: Path, tmp_path: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    backup(path, tmp_path / "backup.age", str(identity.to_public()))
    there = elsewhere(tmp_path)
    restored = restore(there, tmp_path / "backup.age", NOW, str(identity))
    assert (restored.devices, restored.key, restored.aside) == (1, True, None)
    key = GatewayKey.load(there.parent)
    assert key.recipient == GatewayKey.load(path.parent).recipient
    assert (there.parent / "gateway.key").stat().st_mode & 0o777 == 0o600
    with closing(connect(there)) as connection:
        assert set(read_devices(connection, key.unseal)) == {DEVICE}
        assert read_states(connection)[DEVICE].doubt.below == COUNTER_LIMIT


@pytest.mark.usefixtures("running")
def test_nothing_is_restored_under_a_running_gateway(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "backup.age")
    with pytest.raises(AlreadyRunning):
        restore(path, tmp_path / "backup.age", NOW)


def test_what_another_gateway_sealed_is_refused_and_nothing_changes(
    path: Path, tmp_path: Path
) -> None:
    identity = pyrage.x25519.Identity.generate()
    backup(path, tmp_path / "backup.age", str(identity.to_public()))
    backup(path, tmp_path / "own.age")
    there = elsewhere(tmp_path)
    GatewayKey.make(there.parent)
    for file, opens in (("backup.age", str(identity)), ("own.age", None), ("backup.age", None)):
        with pytest.raises(KeyFault, match="not_for_this_gateway"):
            restore(there, tmp_path / file, NOW, opens)
    assert sorted(item.name for item in there.parent.iterdir()) == ["gateway.key", "gateway.lock"]


def test_a_newer_gateway_s_backup_and_what_is_none_are_refused(path: Path, tmp_path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.executescript("PRAGMA user_version = 99; UPDATE compatible SET reads_from = 99")
    backup(path, tmp_path / "newer.age")
    with pytest.raises(NewerSchema):
        restore(path, tmp_path / "newer.age", NOW)
    (tmp_path / "none.age").write_bytes(GatewayKey.load(path.parent).seal(b"no archive"))
    with pytest.raises(BackupFault, match="not_a_backup"):
        restore(path, tmp_path / "none.age", NOW)
    with pytest.raises(BackupFault, match="recipient"):
        backup(path, tmp_path / "x", "age1nobody")
    with pytest.raises(BackupFault, match="identity"):
        restore(path, tmp_path / "newer.age", NOW, "AGE-SECRET-KEY-NONE")


def test_the_key_that_signs_comes_back_and_replaces_none(path: Path, tmp_path: Path) -> None:
    signer = signing_key.load_or_make(path.parent)
    backup(path, tmp_path / "backup.age")
    (path.parent / signing_key.FILE_NAME).unlink()
    restore(path, tmp_path / "backup.age", NOW)
    assert signing_key.load_or_make(path.parent).public == signer.public
    (path.parent / signing_key.FILE_NAME).unlink()
    other = signing_key.load_or_make(path.parent)
    restore(path, tmp_path / "backup.age", NOW + 1)
    assert signing_key.load_or_make(path.parent).public == other.public
