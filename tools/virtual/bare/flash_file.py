"""The flash chip of a board: a file. Erasing sets bits, programming only clears them, as in NOR flash."""

import mmap
from pathlib import Path
from types import TracebackType
from typing import Self

SECTOR = 4096
MANUFACTURER = 0xEF  # Winbond's JEDEC number
_KIND = 0x40


class OutOfFlash(Exception):
    """An address beyond the end of this chip."""


class FlashFile:
    """A chip of `size` bytes, a power of two; a new one is erased."""

    def __init__(self, path: Path, size: int) -> None:
        """Open the file, or make it."""
        self.size = size
        if not path.is_file() or path.stat().st_size != size:
            path.write_bytes(b"\xff" * size)
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)

    def __enter__(self) -> Self:
        """Return the chip."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    @property
    def jedec_id(self) -> int:
        """What the chip answers to RDID (9Fh): maker, kind, and the size as a power of two."""
        return MANUFACTURER | _KIND << 8 | (self.size.bit_length() - 1) << 16

    def read(self, at: int, count: int) -> bytes:
        """Return bytes; raise `OutOfFlash`."""
        self._check(at, count)
        return self._map[at : at + count]

    def erase(self, at: int, count: int) -> None:
        """Erase the sectors that hold a range; raise `OutOfFlash`."""
        start = at // SECTOR * SECTOR
        end = -(-(at + count) // SECTOR) * SECTOR
        self._check(start, end - start)
        self._map[start:end] = b"\xff" * (end - start)

    def program(self, at: int, data: bytes) -> None:
        """Clear the bits that are 0 in `data`; raise `OutOfFlash`."""
        self._check(at, len(data))
        there = int.from_bytes(self._map[at : at + len(data)], "big")
        merged = there & int.from_bytes(data, "big")
        self._map[at : at + len(data)] = merged.to_bytes(len(data), "big")

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()

    def _check(self, at: int, count: int) -> None:
        if not 0 <= at <= at + count <= self.size:
            raise OutOfFlash(f"0x{at:x} and {count} bytes of 0x{self.size:x}")
