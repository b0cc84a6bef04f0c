from hypothesis import given
from hypothesis import strategies as st

from firmware.core import records
from firmware.core.sealed import seal, unseal
from protocol.constants import COUNTER_LIMIT

KEYS = st.binary(min_size=16, max_size=16)
NUMBERS = st.integers(0, (1 << 32) - 1)
SECRET = records.pack_secret(bytes(range(16)), 640)
SNAPSHOT = records.pack_snapshot(641, 640, 900, records.CLOCK_KNOWN, 5)


@given(st.binary())
def test_seal_is_undone(data: bytes) -> None:
    assert unseal(seal(data)) == data


@given(st.binary(max_size=40))
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


@given(NUMBERS, NUMBERS, NUMBERS, st.integers(0, 255), st.integers(0, 127))
def test_snapshot_is_kept(
    next_counter: int, first: int, due_s: int, flags: int, marks: int
) -> None:
    record = records.pack_snapshot(next_counter, first, due_s, flags, marks)
    assert len(record) == records.SNAPSHOT_LEN
    assert records.unpack_snapshot(record) == (next_counter, first, due_s, flags, marks)


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
    for blank in (b"", bytes(25), b"\xff" * 25, bytes(19), b"\xff" * 19, bytes(2048)):
        assert records.unpack_secret(blank) is None
        assert records.unpack_snapshot(blank) is None


def test_records_of_another_version_are_none() -> None:
    assert records.unpack_secret(seal(b"\x02" + bytes(20))) is None
    assert records.unpack_snapshot(seal(b"\x01" + bytes(14))) is None
