"""Whether SQLite will read the log beside a database, or pass it over in silence.

    magic 4 | version 4 | page size 4 | sequence 4 | salts 8 | checksum 8      big-endian, 32 bytes

A header that is wrong makes all that was committed since the last checkpoint as if it had never been
(https://www.sqlite.org/fileformat2.html, 4.1 and 4.2). A log that ends in the middle of a transaction is
no damage: what was not committed was not answered.
"""

import struct
from pathlib import Path

_HEADER_LEN = 32
_MAGIC = 0x377F0682  # or one more: checksums of big-endian words
_VERSION = 3_007_000
_MASK = 0xFFFF_FFFF


def is_lost(database: Path) -> bool:
    """Say whether there is a log that was begun, and whose header is not what SQLite wrote."""
    log = Path(f"{database}-wal")
    if not log.exists() or log.stat().st_size <= _HEADER_LEN:
        return False
    with log.open("rb") as file:
        return not _sound(file.read(_HEADER_LEN))


def _sound(header: bytes) -> bool:
    magic, version = struct.unpack_from(">II", header)
    if magic & ~1 != _MAGIC or version != _VERSION:
        return False
    order = ">" if magic & 1 else "<"
    return _checksum(struct.unpack(f"{order}6I", header[:24])) == struct.unpack(">2I", header[24:])


def _checksum(words: tuple[int, ...]) -> tuple[int, int]:
    one = other = 0
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + other) & _MASK
        other = (other + second + one) & _MASK
    return one, other
