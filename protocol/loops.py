"""The loops on the way of a frame, plain: the reference of `compiled`, and what CPython runs.

They check nothing: callers have compared lengths before, since compiled ones write anywhere.
"""


def copy(out: bytearray, at: int, source: bytes | bytearray, start: int, count: int) -> None:
    """Write `count` bytes of `source` from `start` on to `out` from `at` on."""
    for i in range(count):
        out[at + i] = source[start + i]


def xor(
    out: bytearray, at: int, a: bytes | bytearray, a_at: int, b: bytes | bytearray, count: int
) -> None:
    """Write `a` from `a_at` on, exclusive or the first `count` bytes of `b`, to `out` from `at`."""
    for i in range(count):
        out[at + i] = a[a_at + i] ^ b[i]


def spread(blocks: bytearray, nonce: bytes | bytearray) -> None:
    """Write the 13 bytes of `nonce` into each of the three blocks of 16, behind its first byte."""
    for i in range(13):
        blocks[1 + i] = blocks[17 + i] = blocks[33 + i] = nonce[i]


def put_counter(out: bytearray, at: int, counter: int) -> None:
    """Write `counter` to four bytes of `out` from `at` on, most significant first."""
    out[at] = counter >> 24 & 0xFF
    out[at + 1] = counter >> 16 & 0xFF
    out[at + 2] = counter >> 8 & 0xFF
    out[at + 3] = counter & 0xFF
