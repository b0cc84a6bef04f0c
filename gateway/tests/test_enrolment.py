"""Enrolment files: read whole or refused by field; keys stay sealed; counters never fall."""

import json
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.disk.enrolment import Enrolment, EnrolmentError, parse
from gateway.disk.gateway_key import FILE_NAME, GatewayKey, KeyFault
from gateway.disk.registry import enrol, read_devices
from gateway.disk.store import connect
from gateway.tests.builders import KEY

GOOD = {
    "id": "button-01",
    "key": KEY.hex(),
    "role": "button",
    "label": "Dr Martin",
    "place": "Room 3",
    "heartbeat_s": 300,
    "counter": 32,
    "date": "2026-01-31",
}


def parsed(**fields: object) -> Enrolment:
    return parse(json.dumps(GOOD | fields).encode())


def wrong(plain: bytes) -> dict[str, str]:
    with pytest.raises(EnrolmentError) as caught:
        parse(plain)
    return {problem.key: problem.what for problem in caught.value.problems}


@pytest.fixture
def key(tmp_path: Path) -> GatewayKey:
    return GatewayKey.make(tmp_path)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "db")
    yield connection
    connection.close()


def test_a_good_one_is_read() -> None:
    enrolment = parsed()
    assert (enrolment.id, enrolment.key, enrolment.counter) == ("button-01", KEY, 32)
    assert KEY.hex() not in repr(enrolment)


def test_the_chemistry_of_the_battery_may_be_told() -> None:
    assert parsed().chemistry is None
    assert parsed(chemistry="lipo").chemistry == "lipo"
    assert set(wrong(json.dumps(GOOD | {"chemistry": "lead"}).encode())) == {"chemistry"}


def test_the_chemistry_is_kept_and_may_be_told_anew(
    database: sqlite3.Connection, key: GatewayKey
) -> None:
    for chemistry in (None, "lipo", None):
        told = {} if chemistry is None else {"chemistry": chemistry}
        enrol(database, parsed(**told), key.seal, key.unseal)
        assert read_devices(database, key.unseal)["button-01"].chemistry == chemistry


def test_all_wrong_fields_are_named_and_no_value_is_repeated() -> None:
    secret = "f00dfeed" * 4 + "zz"
    told = wrong(
        json.dumps(
            {
                "id": "a b",
                "key": secret,
                "role": "watch",
                "place": "",
                "heartbeat_s": 5,
                "counter": -1,
                "date": "31/01/2026",
                "color": 1,
            }
        ).encode()
    )
    assert set(told) == {
        "id",
        "key",
        "role",
        "label",
        "place",
        "heartbeat_s",
        "counter",
        "date",
        "color",
    }
    assert not any("f00d" in what for what in told.values())


@pytest.mark.parametrize("plain", [b"", b"[]", b"\xff", b"{", b"null"])
def test_what_is_no_object_is_told(plain: bytes) -> None:
    assert wrong(plain) == {"-": "is not a JSON object"}


def test_the_key_file_is_for_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    made = GatewayKey.make(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert GatewayKey.load(tmp_path).recipient == made.recipient
    assert made.recipient.startswith("age1")
    with pytest.raises(KeyFault, match="key_exists"):
        GatewayKey.make(tmp_path)


def test_a_missing_or_broken_key_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(KeyFault, match="key_missing"):
        GatewayKey.load(tmp_path)
    (tmp_path / FILE_NAME).write_text("nonsense", encoding="ascii")
    with pytest.raises(KeyFault, match="key_unreadable"):
        GatewayKey.load(tmp_path)


def test_another_gateways_file_cannot_be_read(key: GatewayKey, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(KeyFault, match="not_for_this_gateway"):
        key.unseal(GatewayKey.make(elsewhere).seal(b"secret"))
    with pytest.raises(KeyFault, match="not_for_this_gateway"):
        key.unseal(b"no age file")


def test_no_key_in_clear_in_the_database(
    key: GatewayKey, database: sqlite3.Connection, tmp_path: Path
) -> None:
    assert enrol(database, parsed(), key.seal, key.unseal) == "new"
    device = read_devices(database, key.unseal)["button-01"]
    assert (device.floor, device.slot, device.label) == (32, 1, "Dr Martin")
    assert datetime.fromtimestamp(device.dated_at, UTC).date().isoformat() == parsed().date
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in tmp_path.iterdir():
        assert KEY not in file.read_bytes()
        assert KEY.hex().encode() not in file.read_bytes()


def test_the_same_key_again_changes_the_description_and_nothing_else(
    key: GatewayKey, database: sqlite3.Connection
) -> None:
    enrol(database, parsed(), key.seal, key.unseal)
    before = read_devices(database, key.unseal)["button-01"]
    database.execute("INSERT INTO state (device, window, recent) VALUES ('button-01', x'00', x'')")
    assert enrol(database, parsed(label="Dr Noor", counter=0), key.seal, key.unseal) == "updated"
    after = read_devices(database, key.unseal)["button-01"]
    assert (after.label, after.floor) == ("Dr Noor", 32)
    assert (after.slot, after.enrolled_at) == (before.slot, before.enrolled_at)
    assert database.execute("SELECT count(*) FROM state").fetchone() == (1,)


def test_a_new_key_is_a_new_life_in_the_same_slot(
    key: GatewayKey, database: sqlite3.Connection
) -> None:
    enrol(database, parsed(), key.seal, key.unseal)
    database.execute("INSERT INTO state (device, window, recent) VALUES ('button-01', x'00', x'')")
    other = parsed(key="ff" * 16, counter=5)
    assert enrol(database, other, key.seal, key.unseal) == "replaced"
    device = read_devices(database, key.unseal)["button-01"]
    assert (device.floor, device.slot) == (5, 1)
    assert database.execute("SELECT count(*) FROM state").fetchone() == (0,)


def test_a_failed_enrolment_leaves_nothing(key: GatewayKey, database: sqlite3.Connection) -> None:
    def fail(_: bytes) -> bytes:
        raise KeyFault("not_for_this_gateway")

    with pytest.raises(KeyFault):
        enrol(database, parsed(), fail, key.unseal)
    assert not database.in_transaction
    assert read_devices(database, key.unseal) == {}


def test_a_name_that_a_key_ran_into_is_not_repeated() -> None:
    text = json.dumps({"da" + KEY.hex(): "2026-11-22"})
    with pytest.raises(EnrolmentError) as refusal:
        parse(text.encode())
    assert KEY.hex() not in str(refusal.value)
    assert "?" in [problem.key for problem in refusal.value.problems]
