from hypothesis import given
from hypothesis import strategies as st

from firmware.core import box_record
from firmware.core.box_record import LEN, NO_INCIDENT, BoxRecord, unpack
from protocol.constants import COUNTER_LIMIT

FIELDS = BoxRecord.__slots__


def fields(record: BoxRecord) -> list[int]:
    return [int(getattr(record, name)) for name in FIELDS]


FIRST = st.integers(NO_INCIDENT, COUNTER_LIMIT - 1)


@given(FIRST, st.integers(0, 3), FIRST, st.integers(0, 3), st.booleans(), st.integers(0, 0xFFFF))
def test_what_is_kept_comes_back(
    first: int, felt: int, tamper: int, tamper_felt: int, latched: bool, told: int
) -> None:
    record = BoxRecord()
    record.first, record.felt = first, felt
    record.tamper_first, record.tamper_felt = tamper, tamper_felt
    record.latched, record.told = latched, told
    stored = record.pack()
    assert len(stored) == LEN
    assert fields(unpack(stored)) == fields(record)


@given(st.binary(max_size=40))
def test_anything_else_is_a_box_that_knows_nothing(stored: bytes) -> None:
    assert fields(unpack(stored)) == fields(BoxRecord())


@given(st.integers(0, 8 * LEN - 1))
def test_any_flipped_bit_loses_the_record(bit: int) -> None:
    record = BoxRecord()
    record.first = 640
    stored = bytearray(record.pack())
    stored[bit // 8] ^= 1 << bit % 8
    assert unpack(bytes(stored)).first == box_record.NO_INCIDENT
