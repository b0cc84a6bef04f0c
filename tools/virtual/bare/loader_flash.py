"""What a loader does with the flash: erase, write, also from compressed blocks, read, and tell its digest.

A ROM erases at the beginning all that is to be written, the stub as it goes; it has commands of its own.
"""

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tools.virtual.bare import loader_packets as packets
from tools.virtual.bare.flash_file import SECTOR, FlashFile
from tools.virtual.bare.loader_packets import Request

STUB_ONLY = (packets.ERASE_FLASH, packets.ERASE_REGION, packets.READ_FLASH)
_SLOW_READ = 64  # bytes of one READ_FLASH_SLOW


@dataclass
class _Writing:
    """Flash that is being written: where the next byte goes, and how far it is erased."""

    at: int
    end: int
    erased_to: int
    next_block: int = 0
    inflate: "zlib._Decompress | None" = None


class LoaderFlash:
    """The commands that touch the flash; `attached` says whether its pins are connected."""

    def __init__(self, chip: FlashFile) -> None:
        """Begin not attached."""
        self.chip = chip
        self.attached = False
        self.commands: dict[int, Callable[[Request], tuple[int, bytes]]] = {
            packets.SPI_ATTACH: self._attach,
            packets.FLASH_BEGIN: self._flash_begin,
            packets.FLASH_DATA: self._flash_data,
            packets.FLASH_END: self._flash_end,
            packets.DEFL_BEGIN: self._deflate_begin,
            packets.DEFL_DATA: self._deflate_data,
            packets.DEFL_END: self._flash_end,
            packets.SPI_FLASH_MD5: self._md5,
            packets.READ_FLASH_SLOW: self._read_slow,
            packets.ERASE_FLASH: self._erase_all,
            packets.ERASE_REGION: self._erase_region,
            packets.READ_FLASH: self._read_flash,
        }
        self._by_stub = False
        self._writing: _Writing | None = None
        self._reading: bytes | None = None  # what a READ_FLASH still sends

    @property
    def is_read(self) -> bool:
        """Say whether what comes next from the host says how much of a READ_FLASH it has."""
        return self._reading is not None

    def serve_stub(self) -> None:
        """Go on under the stub, which attaches the flash itself."""
        self._by_stub = self.attached = True

    def first_block(self) -> bytes:
        """Return the first block of what is read."""
        return (self._reading or b"")[:SECTOR]

    def acknowledged(self, packet: bytes) -> bytes:
        """Return the next block, or at the end the digest of all."""
        data = self._reading or b""
        have = int.from_bytes(packet[:4], "little")
        if have < len(data):
            return data[have : have + SECTOR]
        self._reading = None
        return hashlib.md5(data, usedforsecurity=False).digest()

    def _attach(self, _request: Request) -> tuple[int, bytes]:
        self.attached = True
        return 0, b""

    def _flash_begin(self, request: Request) -> tuple[int, bytes]:
        self._begin(request, None)
        return 0, b""

    def _deflate_begin(self, request: Request) -> tuple[int, bytes]:
        self._begin(request, zlib.decompressobj())
        return 0, b""

    def _begin(self, request: Request, inflate: "zlib._Decompress | None") -> None:
        """Make ready to write; a ROM erases all of it now, the stub as it goes."""
        size, _blocks, _block_size, at = request.words(4)[:4]
        if not self.attached and size:
            raise packets.failed()
        self.chip.read(at, size)  # is it there at all?
        writing = _Writing(at, at + size, at, inflate=inflate)
        if not self._by_stub and size:
            self.chip.erase(at, size)
            writing.erased_to = -(-(at + size) // SECTOR) * SECTOR
        self._writing = writing

    def _flash_data(self, request: Request) -> tuple[int, bytes]:
        number, block = request.block()
        self._write(self._numbered(number), block)
        return 0, b""

    def _deflate_data(self, request: Request) -> tuple[int, bytes]:
        number, block = request.block()
        writing = self._numbered(number)
        if writing.inflate is None:
            raise packets.invalid()
        try:
            self._write(writing, writing.inflate.decompress(block))
        except zlib.error as error:
            raise packets.bad_deflate() from error
        return 0, b""

    def _numbered(self, number: int) -> _Writing:
        if self._writing is None or number != self._writing.next_block:
            raise packets.failed()
        self._writing.next_block += 1
        return self._writing

    def _write(self, writing: _Writing, data: bytes) -> None:
        data = data[: max(0, writing.end - writing.at)]  # the last block may be padded
        end = writing.at + len(data)
        if end > writing.erased_to:
            start = writing.erased_to // SECTOR * SECTOR
            self.chip.erase(start, end - start)
            writing.erased_to = -(-end // SECTOR) * SECTOR
        self.chip.program(writing.at, data)
        writing.at = end

    def _flash_end(self, _request: Request) -> tuple[int, bytes]:
        self._writing = None
        return 0, b""

    def _md5(self, request: Request) -> tuple[int, bytes]:
        at, size = request.words(2)[:2]
        digest = hashlib.md5(self.chip.read(at, size), usedforsecurity=False)
        return 0, digest.digest() if self._by_stub else digest.hexdigest().encode()

    def _erase_all(self, _request: Request) -> tuple[int, bytes]:
        self.chip.erase(0, self.chip.size)
        return 0, b""

    def _erase_region(self, request: Request) -> tuple[int, bytes]:
        at, size = request.words(2)[:2]
        self.chip.erase(at, size)
        return 0, b""

    def _read_slow(self, request: Request) -> tuple[int, bytes]:
        at, count = request.words(2)[:2]
        return 0, self.chip.read(at, min(count, _SLOW_READ)).ljust(_SLOW_READ, b"\x00")

    def _read_flash(self, request: Request) -> tuple[int, bytes]:
        at, count = request.words(2)[:2]
        self._reading = self.chip.read(at, count)
        return 0, b""
