"""The loader of a chip: the ROM's, and the flasher stub once a host has put it into RAM.

No machine code runs here. A stub that arrived whole and is started at an address inside of it is taken for
Espressif's flasher, and its commands are played as documented; one that did not is a chip that hangs.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tools.virtual.bare import loader_packets as packets
from tools.virtual.bare.flash_file import FlashFile, OutOfFlash
from tools.virtual.bare.loader_flash import STUB_ONLY, LoaderFlash
from tools.virtual.bare.loader_packets import Refused, Request
from tools.virtual.bare.rom_chip import RDID, SPI_CMD, SPI_START, SPI_USR2, SPI_W0, RomChip
from tools.virtual.bare.slip import Deframer, frame

_SYNC = b"\x07\x07\x12\x20" + 32 * b"\x55"
_SYNC_VALUE = 0x2012_0707  # what a ROM answers; a stub answers 0
_HELLO = b"OHAI"  # of the stub


@dataclass
class _Segment:
    """A piece of RAM that is being filled."""

    start: int
    size: int
    data: bytearray = field(default_factory=bytearray)


class Loader:
    """Answers a host. `on_baud` is called with a new speed behind the answer, `on_run` at its end."""

    def __init__(self, chip: RomChip, mac: bytes, flash: FlashFile) -> None:
        """Begin as the chip does after a reset with its boot pin low."""
        self.on_baud: Callable[[int], None] = lambda _baud: None
        self.on_run: Callable[[], None] = lambda: None
        self.is_stub = False
        self._chip = chip
        self._flash = LoaderFlash(flash)
        self._registers = chip.fuses(mac)
        self._deframer = Deframer()
        self._segments: list[_Segment] = []
        self._hung = False
        self._commands: dict[int, Callable[[Request], tuple[int, bytes]]] = {
            packets.WRITE_REG: self._write_register,
            packets.READ_REG: self._read_register,
            packets.MEM_BEGIN: self._mem_begin,
            packets.MEM_DATA: self._mem_data,
            packets.SPI_SET_PARAMS: lambda _request: (0, b""),
            packets.CHANGE_BAUDRATE: lambda _request: (0, b""),
            packets.SECURITY_INFO: self._security_info,
            **self._flash.commands,
        }

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take bytes of the host; yield what goes back."""
        for packet in self._deframer.feed(data):
            if self._hung:
                continue
            if self._flash.is_read:
                yield frame(self._flash.acknowledged(packet))
                continue
            request = packets.parse(packet)
            if request is not None:
                yield from map(frame, self._answers(request))
                self._after(request)

    def _answers(self, request: Request) -> Iterator[bytes]:
        if request.command == packets.SYNC:
            if request.data == _SYNC:
                value = 0 if self.is_stub else _SYNC_VALUE
                for _ in range(8):
                    yield self._answer(packets.SYNC, value, b"")
            return
        if request.command == packets.MEM_END:
            yield from self._mem_end(request)
            return
        try:
            yield self._answer(request.command, *self._done(request))
            if self._flash.is_read:
                yield self._flash.first_block()
        except Refused as refusal:
            error = refusal.stub if self.is_stub else refusal.error
            yield self._answer(request.command, 0, b"", error)

    def _done(self, request: Request) -> tuple[int, bytes]:
        handler = self._commands.get(request.command)
        if handler is None or (request.command in STUB_ONLY and not self.is_stub):
            raise packets.invalid()
        try:
            return handler(request)
        except OutOfFlash as error:
            raise packets.failed() from error

    def _answer(self, command: int, value: int, data: bytes, error: int = 0) -> bytes:
        status = bytes([int(error > 0), error]) + (b"" if self.is_stub else b"\x00\x00")
        return packets.answer(command, value, data, status)

    def _after(self, request: Request) -> None:
        """Do what comes behind the answer: it still went at the old speed."""
        if request.command == packets.CHANGE_BAUDRATE:
            self.on_baud(request.words(1)[0])
        elif (
            request.command in (packets.FLASH_END, packets.DEFL_END) and request.data[:1] == b"\x00"
        ):
            self.on_run()

    # Registers

    def _read_register(self, request: Request) -> tuple[int, bytes]:
        return self._registers.get(request.words(1)[0], 0), b""

    def _write_register(self, request: Request) -> tuple[int, bytes]:
        address, value, mask = request.words(3)[:3]
        if address in self._chip.fuses(b"\xff" * 6):
            return 0, b""  # fuses are read only here
        if address == self._chip.spi_base + SPI_CMD and value & SPI_START:
            self._run_spi()
            return 0, b""
        self._registers[address] = (self._registers.get(address, 0) & ~mask) | (value & mask)
        return 0, b""

    def _run_spi(self) -> None:
        """Let the flash answer the command in USR2: it knows RDID, to all else it is silent."""
        command = self._registers.get(self._chip.spi_base + SPI_USR2, 0) & 0xFF
        known = command == RDID and self._flash.attached
        self._registers[self._chip.spi_base + SPI_W0] = self._flash.chip.jedec_id if known else 0

    def _security_info(self, _request: Request) -> tuple[int, bytes]:
        return 0, struct.pack("<IB7BII", 0, 0, *([0] * 7), self._chip.chip_id, 0)

    # RAM, and the stub in it

    def _mem_begin(self, request: Request) -> tuple[int, bytes]:
        size, _blocks, _block_size, start = request.words(4)[:4]
        self._segments.append(_Segment(start, size))
        return 0, b""

    def _mem_data(self, request: Request) -> tuple[int, bytes]:
        _number, block = request.block()
        segment = self._segments[-1] if self._segments else None
        if segment is None or len(segment.data) + len(block) > segment.size:
            raise packets.failed()
        segment.data += block
        return 0, b""

    def _mem_end(self, request: Request) -> Iterator[bytes]:
        stays, entry = request.words(2)[:2]
        yield self._answer(packets.MEM_END, 0, b"")
        if stays:
            return
        whole = all(len(part.data) == part.size for part in self._segments)
        inside = any(part.start <= entry < part.start + part.size for part in self._segments)
        self._hung = not (whole and inside)
        if not self._hung:
            self.is_stub = True
            self._flash.serve_stub()
            yield _HELLO
