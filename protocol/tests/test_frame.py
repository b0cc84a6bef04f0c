import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Malformed
from protocol.frame import Frame


@given(st.binary(min_size=15, max_size=23))
def test_round_trip(data: bytes) -> None:
    frame = Frame.from_bytes(data)
    assert (len(frame.hint), len(frame.tag)) == (4, 8)
    assert frame.to_bytes() == data


@pytest.mark.parametrize("length", [0, 1, 4, 12, 14, 24, 31, 255])
def test_other_lengths_are_malformed(length: int) -> None:
    with pytest.raises(Malformed):
        Frame.from_bytes(bytes(length))
