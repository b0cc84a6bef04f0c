"""The plain loops, against slices; run_micropython.py compares the compiled ones with them."""

from hypothesis import given
from hypothesis import strategies as st

from protocol import loops, portable

PLACES = st.integers(0, 20)


@given(PLACES, PLACES, PLACES, st.binary(min_size=40, max_size=40))
def test_copy_and_xor(at: int, start: int, count: int, data: bytes) -> None:
    other = bytes(range(40))
    expected = bytearray(64)
    expected[at : at + count] = data[start : start + count]
    out = bytearray(64)
    loops.copy(out, at, data, start, count)
    assert out == expected
    loops.xor(out, at, data, start, other, count)
    pairs = zip(data[start : start + count], other, strict=False)
    expected[at : at + count] = bytes(a ^ b for a, b in pairs)
    assert out == expected


@given(st.binary(min_size=13, max_size=13))
def test_spread(nonce: bytes) -> None:
    blocks = bytearray(48)
    loops.spread(blocks, nonce)
    assert blocks == (b"\0" + nonce + bytes(2)) * 3


def test_cpython_has_the_plain_ones() -> None:
    assert portable.xor is loops.xor
