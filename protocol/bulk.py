"""Many AES input blocks that differ only in their counters, made by one addition of long integers."""

from protocol.portable import const

BULKS_KEPT = const(16)  # by whoever keeps them by size: few sizes are ever asked for


class Bulk:
    """The blocks of `count` consecutive counters; a pattern of whole blocks for each counter."""

    __slots__ = ("_length", "_ones", "_zeroth")

    def __init__(self, pattern: bytes, places: "tuple[int, ...]", count: int) -> None:
        """Take the blocks of counter 0, and where in them a counter of 4 bytes stands."""
        one = bytearray(len(pattern))
        for place in places:
            one[place + 3] = 1
        step = int.from_bytes(one, "big")
        zero = int.from_bytes(pattern, "big")
        size = len(pattern)
        self._length = size * count
        self._ones = int.from_bytes(bytes(one) * count, "big")
        self._zeroth = int.from_bytes(
            b"".join([(zero + i * step).to_bytes(size, "big") for i in range(count)]), "big"
        )

    def starting_at(self, first: int) -> bytes:
        """Return the blocks of the counters from `first` on."""
        # No sum leaves the 4 bytes of its counter: counters end at 2^30.
        return (self._zeroth + first * self._ones).to_bytes(self._length, "big")
