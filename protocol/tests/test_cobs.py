import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import cobs
from protocol.errors import Malformed


@given(st.binary(max_size=254))
def test_round_trip_without_zeros(data: bytes) -> None:
    encoded = cobs.encode(data)
    assert len(encoded) == len(data) + 1
    assert 0 not in encoded
    assert cobs.decode(encoded) == data


@given(st.binary(max_size=300))
def test_decode_is_total(encoded: bytes) -> None:
    try:
        decoded = cobs.decode(encoded)
    except Malformed:
        return
    assert cobs.encode(decoded) == encoded


@pytest.mark.parametrize(
    "encoded", [b"", b"\0", b"\3\0\1", b"\1\0\1", b"\3\1", b"\x01" * 256], ids=bytes.hex
)
def test_what_encode_never_gives_is_malformed(encoded: bytes) -> None:
    with pytest.raises(Malformed):
        cobs.decode(encoded)


def test_one_block_only() -> None:
    with pytest.raises(ValueError, match="one COBS block"):
        cobs.encode(bytes(255))
