"""Hints of 256 counters in one AES call: all of a span, or those an alert begins with.

An incident begins at a multiple of 16 (SPEC 6.3), so the frames of its first seconds have few of the
possible counters, and a search for them reaches 4 or 16 times as far for the same number of blocks.
"""

import sys
from collections.abc import Iterator

from protocol.aes import Aes
from protocol.constants import BLOCK_LEN, COUNTER_BLOCK, HINT_LEN, UP

TEETH = 256
# Hints are compared as numbers of the host's byte order: that is how a cast memory shows them.
_ORDER = sys.byteorder
_ONES = int.from_bytes(b"\x01" * TEETH, "big")


def hint_number(frame: bytes) -> int:
    """Return the hint of `frame` as the combs number it."""
    return int.from_bytes(frame[:HINT_LEN], _ORDER)  # type: ignore[arg-type, unused-ignore]


class Comb:
    """The first `of_16` counters of every 16, in aligned spans that hold 256 of them."""

    __slots__ = ("_blocks", "_high", "_of_16", "offsets", "span")

    def __init__(self, of_16: int) -> None:
        """Lay out what is the same in every span."""
        self._of_16 = of_16
        self.span = TEETH * COUNTER_BLOCK // of_16  # at most 2^16: a span changes no higher byte
        self.offsets = [at for at in range(self.span) if at % COUNTER_BLOCK < of_16]
        self._high = int.from_bytes(bytes(at >> 8 for at in self.offsets), "big")
        self._blocks = bytearray(
            b"".join(bytes([UP]) + at.to_bytes(4, "big") + bytes(11) for at in self.offsets)
        )

    def first_of(self, counter: int) -> int:
        """Return the first counter of the span of `counter`."""
        return counter - counter % self.span

    def teeth(self, counters: range, first: int) -> range:
        """Return which teeth of the span at `first` are among `counters`."""
        begin = self._tooth(max(counters.start - first, 0))
        return range(begin, self._tooth(min(counters.stop - first, self.span)))

    def spans(self, counters: range) -> Iterator[tuple[int, range]]:
        """Yield the first counter and the teeth of every span that has some of `counters`."""
        for first in range(self.first_of(counters.start), counters.stop, self.span):
            yield first, self.teeth(counters, first)

    def hints(self, aes: Aes, first: int, teeth: range) -> list[int]:
        """Return the hints of those `teeth` of the span at `first`, in order."""
        blocks = self._blocks
        blocks[1::BLOCK_LEN] = bytes((first >> 24,)) * TEETH
        blocks[2::BLOCK_LEN] = bytes((first >> 16 & 0xFF,)) * TEETH
        column = self._high + (first >> 8 & 0xFF) * _ONES  # aligned: no byte overflows
        blocks[3::BLOCK_LEN] = column.to_bytes(TEETH, "big")
        out = aes.encrypt(blocks[teeth.start * BLOCK_LEN : teeth.stop * BLOCK_LEN])
        return memoryview(out).cast("I")[:: BLOCK_LEN // HINT_LEN].tolist()

    def _tooth(self, offset: int) -> int:
        """Return how many teeth lie below `offset`."""
        blocks, rest = divmod(max(offset, 0), COUNTER_BLOCK)
        return blocks * self._of_16 + min(rest, self._of_16)


WHOLE = range(TEETH)
EVERY = Comb(16)  # 256 counters
FIRST_FOUR = Comb(4)  # 1,024 counters: what an alert sends in its first four seconds
STARTS = Comb(1)  # 4,096 counters: what a press begins with
