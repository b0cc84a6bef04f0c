import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core import records
from firmware.core.records import Snapshot
from firmware.core.sealed import seal, unseal
from protocol.constants import COUNTER_LIMIT

KEYS = st.binary(min_size=16, max_size=16)
SECRET = records.pack_secret(bytes(range(16)), 640)
FIELDS = [name for name, _ in Snapshot.LAYOUT]
NUMBERS = st.tuples(*[st.integers(-1, (1 << 8 * width) - 2) for _, width in Snapshot.LAYOUT])


def snapshot(numbers: "tuple[int, ...]") -> Snapshot:
    made = Snapshot()
    for name, number in zip(FIELDS, numbers, strict=True):
        setattr(made, name, number)
    return made


SNAPSHOT = snapshot(tuple(range(1, len(FIELDS) + 1))).pack()


@given(st.binary())
def test_seal_is_undone(data: bytes) -> None:
    assert unseal(seal(data)) == data


@given(st.binary(max_size=60))
def test_any_bytes_are_a_record_or_none(record: bytes) -> None:
    data = unseal(record)
    assert data is None or seal(data) == record
    records.unpack_secret(record)
    records.unpack_snapshot(record)


@given(KEYS, st.integers(0, COUNTER_LIMIT))
def test_secret_is_kept(key: bytes, reserved: int) -> None:
    record = records.pack_secret(key, reserved)
    assert len(record) == records.SECRET_LEN
    assert records.unpack_secret(record) == (key, reserved)


@given(KEYS, st.integers(COUNTER_LIMIT + 1, (1 << 32) - 1))
def test_reserve_beyond_the_limit_is_no_record(key: bytes, reserved: int) -> None:
    assert records.unpack_secret(records.pack_secret(key, reserved)) is None


@given(NUMBERS)
def test_snapshot_is_kept(numbers: "tuple[int, ...]") -> None:
    record = snapshot(numbers).pack()
    assert len(record) == records.SNAPSHOT_LEN
    found = records.unpack_snapshot(record)
    assert found is not None
    assert tuple(getattr(found, name) for name in FIELDS) == numbers


def test_a_new_snapshot_says_that_nothing_is_under_way() -> None:
    found = records.unpack_snapshot(Snapshot().pack())
    assert found is not None
    assert vars(found) == vars(Snapshot())
    assert (found.first, found.next_counter, found.kind) == (-1, -1, 0)


def test_layout_names_every_field_once() -> None:
    assert sorted(FIELDS) == sorted(vars(Snapshot()))


@pytest.mark.parametrize("number", [-2, 255])
def test_number_that_does_not_fit_is_our_mistake(number: int) -> None:
    made = Snapshot()
    made.marks = number
    with pytest.raises(ValueError, match="marks"):
        made.pack()


def test_another_layout_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_SNAPSHOT_VERSION", records._SNAPSHOT_VERSION ^ 1)
    assert records.unpack_snapshot(SNAPSHOT) is None


def test_any_flipped_bit_loses_the_secret() -> None:
    for bit in range(8 * records.SECRET_LEN):
        record = bytearray(SECRET)
        record[bit // 8] ^= 1 << bit % 8
        assert records.unpack_secret(bytes(record)) is None


def test_any_flipped_bit_loses_the_snapshot() -> None:
    for bit in range(8 * records.SNAPSHOT_LEN):
        record = bytearray(SNAPSHOT)
        record[bit // 8] ^= 1 << bit % 8
        assert records.unpack_snapshot(bytes(record)) is None


def test_cut_records_are_none() -> None:
    assert not any(records.unpack_secret(SECRET[:length]) for length in range(len(SECRET)))
    assert not any(records.unpack_snapshot(SNAPSHOT[:length]) for length in range(len(SNAPSHOT)))


def test_erased_and_empty_memory_is_no_record() -> None:
    length = records.SNAPSHOT_LEN
    for blank in (b"", bytes(25), b"\xff" * 25, bytes(length), b"\xff" * length, bytes(2048)):
        assert records.unpack_secret(blank) is None
        assert records.unpack_snapshot(blank) is None


def test_secret_of_another_version_is_none() -> None:
    assert records.unpack_secret(seal(b"\x02" + bytes(20))) is None
