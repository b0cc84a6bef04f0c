"""The window of accepted counters: the highest, and a bitmap of the 1,024 below and at it.

stored form   highest + 1 as 4 bytes | bitmap 128 bytes, bit i (from the least) = highest - i
"""

from protocol.constants import COUNTER_LIMIT, WINDOW_BITS
from protocol.errors import Malformed
from protocol.portable import const

NEW = const(0)
SEEN = const(1)
TOO_OLD = const(2)

STORED_LEN = 4 + WINDOW_BITS // 8
_FULL = (1 << WINDOW_BITS) - 1


class Window:
    """Which counters of a device were accepted."""

    __slots__ = ("_bits", "highest")

    def __init__(self, highest: int = -1, bits: int = 0) -> None:
        """Begin with nothing accepted, or as restored by `from_bytes`."""
        self.highest = highest
        self._bits = bits

    def judge(self, counter: int) -> int:
        """Return `NEW`, `SEEN` or `TOO_OLD`; change nothing."""
        if counter > self.highest:
            return NEW
        age = self.highest - counter
        if age >= WINDOW_BITS:
            return TOO_OLD
        return SEEN if self._bits >> age & 1 else NEW

    def accept(self, counter: int) -> None:
        """Remember a counter judged `NEW`."""
        if counter > self.highest:
            shift = counter - self.highest
            kept = self._bits << shift & _FULL if shift < WINDOW_BITS else 0
            self._bits = kept | 1
            self.highest = counter
        else:
            self._bits |= 1 << self.highest - counter

    def copy(self) -> "Window":
        """Return a window that can be changed without changing this one."""
        return Window(self.highest, self._bits)

    def to_bytes(self) -> bytes:
        """Return the stored form, 132 bytes."""
        return (self.highest + 1).to_bytes(4, "big") + self._bits.to_bytes(WINDOW_BITS // 8, "big")

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Window":
        """Return the window of a stored form; raise `Malformed`."""
        if len(stored) != STORED_LEN:
            raise Malformed("window length")
        highest = int.from_bytes(stored[:4], "big") - 1
        bits = int.from_bytes(stored[4:], "big")
        if highest >= COUNTER_LIMIT or (bits & 1) != (highest >= 0):
            raise Malformed("window content")
        return cls(highest, bits)
