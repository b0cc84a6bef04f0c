"""The hint: four bytes that stand for device and counter, good for one frame.

hint = first 4 bytes of E(K_hint, direction 1 | counter 4 | zeros 11)
"""

from protocol.aes import Aes
from protocol.constants import HINT_LEN


class Hinter:
    """Hints of one device in one direction; allocates nothing."""

    __slots__ = ("_aes", "_block", "_out")

    def __init__(self, aes: Aes, direction: int) -> None:
        """Take the hint cipher of `direction` (`UP` or `DOWN`)."""
        self._aes = aes
        self._block = bytearray(16)
        self._block[0] = direction
        self._out = bytearray(16)

    def put(self, counter: int, out: bytearray) -> None:
        """Write the hint of `counter` to the first four bytes of `out`."""
        put_counter(self._block, 1, counter)
        self._aes.encrypt_into(self._block, self._out)
        for i in range(HINT_LEN):
            out[i] = self._out[i]


def put_counter(out: bytearray, at: int, counter: int) -> None:
    """Write `counter` to four bytes of `out`, most significant first, allocating nothing."""
    out[at] = counter >> 24 & 0xFF
    out[at + 1] = counter >> 16 & 0xFF
    out[at + 2] = counter >> 8 & 0xFF
    out[at + 3] = counter & 0xFF


def hint_blocks(aes: Aes, direction: int, first: int, count: int) -> bytes:
    """Return `count` blocks of 16 bytes, from counter `first` on; a hint begins each."""
    head = bytes([direction])
    tail = bytes(11)
    return aes.encrypt(
        b"".join([head + c.to_bytes(4, "big") + tail for c in range(first, first + count)])
    )
