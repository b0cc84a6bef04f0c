"""The loops of `loops` as machine code, for a MicroPython that can make it; imported only there.

Viper allows no type for what a function returns. Nothing here knows the bounds of a buffer.
"""

import micropython

TYPE_CHECKING = False
if TYPE_CHECKING:
    ptr8 = bytearray


@micropython.viper
def copy(out: ptr8, at: int, source: ptr8, start: int, count: int):
    """Do what `loops.copy` does."""
    i = 0
    while i < count:
        out[at + i] = source[start + i]
        i += 1


@micropython.viper
def xor(out: ptr8, at: int, a: ptr8, a_at: int, b: ptr8, count: int):
    """Do what `loops.xor` does."""
    i = 0
    while i < count:
        out[at + i] = a[a_at + i] ^ b[i]
        i += 1


@micropython.viper
def spread(blocks: ptr8, nonce: ptr8):
    """Do what `loops.spread` does."""
    i = 0
    while i < 13:
        byte = nonce[i]
        blocks[1 + i] = byte
        blocks[17 + i] = byte
        blocks[33 + i] = byte
        i += 1


@micropython.viper
def put_counter(out: ptr8, at: int, counter: int):
    """Do what `loops.put_counter` does."""
    out[at] = counter >> 24
    out[at + 1] = counter >> 16
    out[at + 2] = counter >> 8
    out[at + 3] = counter
