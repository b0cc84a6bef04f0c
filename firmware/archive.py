"""The program in one file: its modules one behind the other, imported from there.

    file    "TOC1" | entries 2 | entry ... | modules
    entry   key 4: CRC-32 of the path, its lower 30 bits
            span 4: where it is behind the entries, 17 bits, and its length, 13; a folder has 0

An import from loose files goes through the folders again and again, hundreds of reads of flash a module.
Here it is a look into a dictionary of small integers, and the bytes of the module. It stands at the root
of a board beside main.py; `tools/firmware_archive.py` writes the file.
"""

import io
import sys
from binascii import crc32

import vfs
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

FILE = "/tocsin.toc"
PLACE = "/tocsin"
_KEY = const(0x3FFFFFFF)
_LENGTH_BITS = const(13)
_LENGTH = const(0x1FFF)
_ENOENT = const(2)
_READ = const(
    128
)  # littlefs reads 4 times as much at once; by default it is 32, which takes 4 times as long


class Archive:
    """A file system that can be imported from."""

    def __init__(self, file: "BinaryIO") -> None:
        """Read the entries of `file`; raise OSError where they are not whole."""
        self._file = file
        head = file.read(6)
        if len(head) < 6 or head[:4] != b"TOC1":
            raise OSError(_ENOENT)
        entries = file.read(8 * (head[4] << 8 | head[5]))
        self._start = self._at = 6 + len(entries)
        self._spans = {}
        for at in range(0, len(entries), 8):
            key = int.from_bytes(entries[at : at + 4], "big")
            self._spans[key] = int.from_bytes(entries[at + 4 : at + 8], "big")

    def mount(self, _readonly: bool, _mkfs: bool) -> None:
        """Allow `vfs.mount`."""

    def umount(self) -> None:
        """Allow `vfs.umount`."""

    def stat(self, path: str) -> "tuple[int, ...]":
        """Return what an import asks of a path, folder or file; raise OSError where neither is."""
        return (0x8000 if self._span(path) else 0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    def open(self, path: str, _mode: str) -> "io.BytesIO":
        """Return a module as a file."""
        span = self._span(path)
        start = self._start + (span >> _LENGTH_BITS)
        if start != self._at:  # littlefs finds its way from the end of the file
            self._file.seek(start)
        self._at = start + (span & _LENGTH)
        return io.BytesIO(self._file.read(span & _LENGTH))

    def _span(self, path: str) -> int:
        span = self._spans.get(crc32(path.encode()) & _KEY, -1)
        if span < 0:
            raise OSError(_ENOENT)
        return span


def mount(path: str = FILE) -> None:
    """Import from the archive first, from now on; without one, nothing changes."""
    try:
        archive = Archive(_open(path))
    except OSError:
        return
    vfs.mount(archive, PLACE)
    sys.path.insert(0, PLACE)


def _open(path: str) -> "BinaryIO":
    """Open by a file system of our own where the port's flash is: nobody writes there while we run."""
    try:
        from flashbdev import bdev
    except ImportError:
        return open(path, "rb")  # type: ignore[no-any-return]  # the stub of open() says Any
    files = vfs.VfsLfs2(bdev, readsize=_READ)  # type: ignore[abstract]  # the stub's mistake
    return files.open(path, "rb")  # type: ignore[no-any-return]
