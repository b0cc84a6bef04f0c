"""A record kept twice, so that a write cut short leaves the one before it.

    copy   version 1 | sequence 4 | data | CRC-32 4

The copy with the higher sequence counts; a write replaces the other and is read back.
"""

from firmware.core.sealed import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    Read = Callable[[str, int], bytes]
    Write = Callable[[str, bytes], None]

OVERHEAD = 9
_HEADER = 5


class Copies:
    """Two keys of the storage that hold one record of a version."""

    __slots__ = ("_longest", "_names", "_version")

    def __init__(self, names: "tuple[str, str]", version: int, longest: int) -> None:
        """`longest` is that of a whole copy, in bytes."""
        self._names = names
        self._version = version
        self._longest = longest

    def pack(self, data: bytes, sequence: int) -> bytes:
        """Return one copy."""
        return seal(bytes([self._version]) + sequence.to_bytes(4, "big") + data)

    def unpack(self, copy: bytes) -> "tuple[int, bytes] | None":
        """Return sequence and data of a whole copy, or None."""
        content = unseal(copy)
        if content is None or len(content) < _HEADER or content[0] != self._version:
            return None
        return int.from_bytes(content[1:_HEADER], "big"), content[_HEADER:]

    def newest(self, read: "Read") -> "bytes | None":
        """Return the data of the newer whole copy, or None where neither is whole."""
        found = self._found(read)
        return None if found is None else found[2]

    def write(self, data: bytes, read: "Read", write: "Write") -> bool:
        """Put `data` in the place of the older copy; say whether it is there now."""
        found = self._found(read)
        place, sequence = (0, 1) if found is None else (1 - found[0], found[1] + 1)
        copy = self.pack(data, sequence)
        try:
            write(self._names[place], copy)
        except OSError:  # flash is full or worn: the copy before still counts
            return False
        return read(self._names[place], self._longest) == copy

    def _found(self, read: "Read") -> "tuple[int, int, bytes] | None":
        """Return place, sequence and data of the newer copy."""
        newest = None
        for place in range(len(self._names)):
            copy = self.unpack(read(self._names[place], self._longest))
            if copy is not None and (newest is None or copy[0] > newest[1]):
                newest = (place, copy[0], copy[1])
        return newest
