"""Packets of the loader ("Serial Protocol" in Espressif's documentation of esptool), little-endian.

request    0 | command 1 | length 2 | checksum 4 | data
answer     1 | command 1 | length 2 | value 4 | data | status 1 | error 1 | two more bytes from a ROM
"""

import struct
from dataclasses import dataclass

FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
MEM_BEGIN, MEM_END, MEM_DATA = 0x05, 0x06, 0x07
SYNC, WRITE_REG, READ_REG = 0x08, 0x09, 0x0A
SPI_SET_PARAMS, SPI_ATTACH, READ_FLASH_SLOW, CHANGE_BAUDRATE = 0x0B, 0x0D, 0x0E, 0x0F
DEFL_BEGIN, DEFL_DATA, DEFL_END = 0x10, 0x11, 0x12
SPI_FLASH_MD5, SECURITY_INFO = 0x13, 0x14
ERASE_FLASH, ERASE_REGION, READ_FLASH = 0xD0, 0xD1, 0xD2  # of the stub only

_HEAD = struct.Struct("<BBHI")
_CHECKSUM_SEED = 0xEF
_BLOCK_HEAD = 16  # length, number, two reserved words before the bytes of a block


class Refused(Exception):
    """The loader answers with an error; `error` is its number in the ROM's list, `stub` in the stub's."""

    def __init__(self, error: int, stub: int) -> None:
        """Take both numbers."""
        super().__init__(f"error 0x{error:02x}")
        self.error = error
        self.stub = stub


def invalid() -> Refused:
    """Return what is said to a command that is unknown or malformed."""
    return Refused(0x05, 0xC3)


def failed() -> Refused:
    """Return what is said where the chip could not do it."""
    return Refused(0x06, 0xC4)


def bad_checksum() -> Refused:
    """Return what is said to a block that was hurt on its way."""
    return Refused(0x07, 0xC1)


def bad_deflate() -> Refused:
    """Return what is said to a compressed block that makes no sense."""
    return Refused(0x0B, 0xC7)


@dataclass(frozen=True, slots=True)
class Request:
    """A command of the host."""

    command: int
    checksum: int
    data: bytes

    def words(self, least: int) -> tuple[int, ...]:
        """Return the data as 32-bit words, at least so many; raise `Refused`."""
        if len(self.data) < 4 * least:
            raise invalid()
        count = len(self.data) // 4
        return struct.unpack(f"<{count}I", self.data[: 4 * count])

    def block(self) -> tuple[int, bytes]:
        """Return number and bytes of a block; raise `Refused` where its checksum is wrong."""
        length, number, *_ = self.words(4)
        block = self.data[_BLOCK_HEAD:]
        if len(block) != length:
            raise Refused(0x05, 0xC0)
        if checksum(block) != self.checksum & 0xFF:
            raise bad_checksum()
        return number, block


def parse(packet: bytes) -> Request | None:
    """Return a request, or None for what is none: the loader does not answer that."""
    if len(packet) < _HEAD.size:
        return None
    direction, command, length, check = _HEAD.unpack_from(packet)
    data = packet[_HEAD.size :]
    return Request(command, check, data) if direction == 0 and len(data) == length else None


def answer(command: int, value: int, data: bytes, status: bytes) -> bytes:
    """Return the answer to `command`."""
    return _HEAD.pack(1, command, len(data) + len(status), value) + data + status


def checksum(block: bytes) -> int:
    """Return the exclusive or of all bytes, with the seed of the ROM."""
    found = _CHECKSUM_SEED
    for byte in block:
        found ^= byte
    return found
