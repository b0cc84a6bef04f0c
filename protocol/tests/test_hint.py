from hypothesis import given
from hypothesis import strategies as st

from protocol.aes import Aes
from protocol.bulk import hint_blocks
from protocol.constants import DOWN, UP
from protocol.hint import Hinter
from protocol.keys import Keys
from protocol.portable import put_counter

AES = Aes(bytes(range(16)))


@given(st.integers(0, (1 << 32) - 1))
def test_put_counter_is_big_endian(counter: int) -> None:
    out = bytearray(6)
    put_counter(out, 1, counter)
    assert out == b"\0" + counter.to_bytes(4) + b"\0"


@given(st.sampled_from([UP, DOWN]), st.integers(0, (1 << 30) - 40), st.integers(0, 33))
def test_bulk_is_one_by_one(direction: int, first: int, count: int) -> None:
    blocks = hint_blocks(AES, direction, first, count)
    hinter = Hinter(AES, direction)
    out = bytearray(4)
    for i in range(count):
        hinter.put(first + i, out)
        assert blocks[16 * i : 16 * i + 4] == out


def test_hints_do_not_repeat() -> None:
    """One device, both directions, 4,096 counters: a repeat by chance would be 0.8 %."""
    keys = Keys(bytes(range(16)))
    blocks = [hint_blocks(keys.up_hint, UP, 0, 4096), hint_blocks(keys.down_hint, DOWN, 0, 4096)]
    hints = {each[at : at + 4] for each in blocks for at in range(0, len(each), 16)}
    assert len(hints) == 2 * 4096
