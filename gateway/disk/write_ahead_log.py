"""The log beside a database: whether SQLite will read it or pass it over in silence, and its length.

    magic 4 | version 4 | page size 4 | sequence 4 | salts 8 | checksum 8      big-endian, 32 bytes

    frame: page number 4 | 0, but where a transaction ends 4 | salts 8 | checksum 8 | page

A header that is wrong makes all that was committed since the last checkpoint as if it had never been
(https://www.sqlite.org/fileformat2.html, 4.1 and 4.2), a frame that is wrong all that came behind it.
A log that ends in the middle of a transaction is no damage: what was not committed was not answered. So
it may be with one transaction behind where SQLite stops reading; of two, the first was on disk.

A commit that makes a file longer waits for the file system's own journal, too; one written over what is
there does not. So zeros are put behind the log: they are no frame, and SQLite reads no further.
"""

import os
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

_HEADER_LEN = 32
_FRAME_HEADER_LEN = 24
_ENDS = 2  # behind what is read, so that the first of them was surely on disk
_MAGIC = 0x377F0682  # or one more: checksums of big-endian words
_VERSION = 3_007_000
_MASK = 0xFFFF_FFFF
FULL_LEN = 4_000_000  # of some more alerts than are committed between two checkpoints
_ROOM_FOR_IT = 4 * FULL_LEN
_PIECE = bytes(65_536)


def is_lost(database: Path) -> bool:
    """Say whether there is a log that was begun, and whose header is not what SQLite wrote."""
    log = _beside(database)
    if not log.exists() or log.stat().st_size <= _HEADER_LEN:
        return False
    with log.open("rb") as file:
        return not _sound(file.read(_HEADER_LEN))


def is_cut(database: Path) -> bool:
    """Say whether SQLite passes over what was committed, behind a frame that is damaged."""
    ends = _ends(_beside(database))
    if len(ends) < _ENDS or not database.exists():
        return False
    try:
        with closing(sqlite3.connect(database)) as connection:
            _, read, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.DatabaseError:  # damaged otherwise: that is another's to find
        return False
    if read < 0:  # somebody else is at it
        return False
    return len([number for number in ends if number > read]) >= _ENDS


def lengthen(connection: sqlite3.Connection, database: Path) -> None:
    """Give the log its full length where there is plenty of room; raise `sqlite3.Error` or `OSError`.

    `connection` is in no transaction. It holds the right to write meanwhile, so nobody adds to the log.
    """
    log = _beside(database)
    if shutil.disk_usage(database.parent).free < _ROOM_FOR_IT:
        return
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {version}")  # a commit: from now on there is a log
    connection.execute("BEGIN IMMEDIATE")
    try:
        _fill(log)
    finally:
        connection.execute("ROLLBACK")


def _ends(log: Path) -> list[int]:
    """Return the numbers of the frames of this log, from 1, that end a transaction."""
    if not log.exists() or log.stat().st_size <= _HEADER_LEN:
        return []
    ends = []
    with log.open("rb") as file:
        header = file.read(_HEADER_LEN)
        (page_len,) = struct.unpack_from(">I", header, 8)
        number = 0
        while len(frame := file.read(_FRAME_HEADER_LEN)) == _FRAME_HEADER_LEN and page_len:
            number += 1
            if frame[4:8] != bytes(4) and frame[8:16] == header[16:24]:
                ends.append(number)
            file.seek(page_len, os.SEEK_CUR)
    return ends


def _beside(database: Path) -> Path:
    return Path(f"{database}-wal")


def _fill(log: Path) -> None:
    begun = log.stat().st_size
    if not _HEADER_LEN < begun < FULL_LEN:
        return
    with log.open("r+b") as file:
        try:
            file.seek(begun)
            while (left := FULL_LEN - file.tell()) > 0:
                file.write(_PIECE[:left])
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), begun)
            raise


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
