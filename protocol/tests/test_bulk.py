"""One addition of long integers is as many blocks one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import bulk
from protocol.aes import Aes
from protocol.bulk import BULKS_KEPT, Bulk, hint_blocks, uplink_pads
from protocol.constants import UP

FIRSTS = st.integers(0, (1 << 30) - 50)


@given(FIRSTS, st.integers(0, 40))
def test_counters_stand_where_they_are_said_to(first: int, count: int) -> None:
    pattern = b"\x19\x01" + bytes(13) + b"\x03" + b"\xff" * 12 + bytes(4)
    expected = b"".join(
        b"\x19\x01" + c + bytes(9) + b"\x03" + b"\xff" * 12 + c
        for c in (counter.to_bytes(4) for counter in range(first, first + count))
    )
    assert Bulk(pattern, (2, 28), count).starting_at(first) == expected


@given(FIRSTS, st.integers(1, 20))
def test_pads_of_many_are_those_of_each(first: int, count: int) -> None:
    aes = Aes(bytes(16))
    one_by_one = [uplink_pads(aes, 3, first + i, 1) for i in range(count)]
    assert uplink_pads(aes, 3, first, count) == b"".join(one_by_one)


@pytest.mark.parametrize("name", ["_hints", "_pads"])
def test_what_is_kept_is_bounded(name: str) -> None:
    aes = Aes(bytes(16))
    for count in range(3 * BULKS_KEPT):
        hint_blocks(aes, UP, 0, count)
        uplink_pads(aes, 3, 0, count)
    kept: dict[object, object] = getattr(bulk, name)
    assert 1 <= len(kept) <= BULKS_KEPT
