"""The hint: four bytes that stand for device and counter, good for one frame.

hint = first 4 bytes of E(K_hint, direction 1 | counter 4 | zeros 11)
"""

from protocol.aes import Aes
from protocol.constants import HINT_LEN
from protocol.portable import copy, put_counter


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
        copy(out, 0, self._out, 0, HINT_LEN)
