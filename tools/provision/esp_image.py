"""Images as Espressif's chips boot them, read without a board ("Firmware Image Format" of esptool).

    file     bootloader | partition table at 8000h | application at 10000h    as addresses of flash
    image    E9h | segments 1 | 2 | entry 4 | 4 | chip id 2 | 9 | hash appended 1 | segments
             | zeros | checksum, at the end of 16 bytes | SHA-256 of all before it
    segment  address 4 | length 4 | bytes
    the application's first segment begins with ABCD5432h | 12 | version 32 | project 32

The file of an original ESP32 begins at 1000h of its flash, those of C3 and S3 at 0.
"""

import hashlib
from dataclasses import dataclass
from functools import reduce
from operator import xor

_MAGIC = 0xE9
_CHECKSUM_SEED = 0xEF
_HEADER, _SEGMENT_HEADER = 24, 8
_DESCRIPTION = (0xABCD5432).to_bytes(4, "little")
_MOST_SEGMENTS = 16
TABLE_AT, TABLE_LEN, APPLICATION_AT = 0x8000, 0xC00, 0x10000
_ENTRY_MAGIC, _ENTRY_LEN = b"\xaa\x50", 32
CHIPS = {
    0: "esp32",
    2: "esp32s2",
    5: "esp32c3",
    9: "esp32s3",
    12: "esp32c2",
    13: "esp32c6",
    16: "esp32h2",
}
STARTS_AT = {"esp32": 0x1000, "esp32s2": 0x1000}  # all others at 0


class BadImage(Exception):
    """This is no image that a chip boots; `reason` is a sentence of `wording.board`."""

    def __init__(self, reason: str) -> None:
        """Take the name of the sentence."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of flash, as the table names it."""

    name: str
    at: int
    size: int


@dataclass(frozen=True, slots=True)
class Firmware:
    """A whole image file: what it is for, and what it says of itself."""

    chip: str
    starts_at: int  # address in flash
    project: str
    version: str
    partitions: tuple[Partition, ...]

    @property
    def needs_bytes(self) -> int:
        """The flash that its partitions reach to."""
        return max(part.at + part.size for part in self.partitions)

    def partition(self, name: str) -> Partition | None:
        """Return the part of flash with a name."""
        return next((part for part in self.partitions if part.name == name), None)


def read(data: bytes) -> Firmware:
    """Return what an image file is; raise `BadImage` where it is none, or not whole."""
    chip = chip_of(data)
    starts_at = STARTS_AT.get(chip, 0)
    _whole(data, 0)
    partitions = _table(data[TABLE_AT - starts_at :][:TABLE_LEN])
    application = APPLICATION_AT - starts_at
    if len(data) <= application or chip_of(data[application:]) != chip:
        raise BadImage("image_without_application")
    _whole(data, application)
    first = application + _HEADER + _SEGMENT_HEADER
    if data[first : first + 4] != _DESCRIPTION:
        raise BadImage("image_without_application")
    version, project = data[first + 16 : first + 48], data[first + 48 : first + 80]
    return Firmware(chip, starts_at, _text(project), _text(version), partitions)


def chip_of(data: bytes) -> str:
    """Return the chip in the header of an image; raise `BadImage`."""
    if len(data) < _HEADER or data[0] != _MAGIC:
        raise BadImage("image_is_none")
    chip = CHIPS.get(int.from_bytes(data[12:14], "little"))
    if chip is None:
        raise BadImage("image_of_unknown_chip")
    return chip


def _whole(data: bytes, start: int) -> None:
    """Check every byte of the image at `start`; raise `BadImage`."""
    at, found = start + _HEADER, _CHECKSUM_SEED
    if data[start + 1] > _MOST_SEGMENTS:
        raise BadImage("image_is_none")
    for _ in range(data[start + 1]):
        length = int.from_bytes(data[at + 4 : at + _SEGMENT_HEADER], "little")
        segment = data[at + _SEGMENT_HEADER : at + _SEGMENT_HEADER + length]
        if len(segment) != length:
            raise BadImage("image_cut_short")
        found = reduce(xor, segment, found)
        at += _SEGMENT_HEADER + length
    end = start + ((at - start) // 16 + 1) * 16  # the checksum is the last of 16 bytes
    if len(data) < end or data[end - 1] != found:
        raise BadImage("image_damaged")
    appended = data[start + 23] == 1
    if appended and hashlib.sha256(data[start:end]).digest() != data[end : end + 32]:
        raise BadImage("image_damaged")


def _table(data: bytes) -> tuple[Partition, ...]:
    entries = [data[at : at + _ENTRY_LEN] for at in range(0, len(data), _ENTRY_LEN)]
    found = tuple(_partition(entry) for entry in entries if entry.startswith(_ENTRY_MAGIC))
    if not found:
        raise BadImage("image_without_table")
    return found


def _partition(entry: bytes) -> Partition:
    at, size = int.from_bytes(entry[4:8], "little"), int.from_bytes(entry[8:12], "little")
    return Partition(_text(entry[12:28]), at, size)


def _text(field: bytes) -> str:
    return field.split(b"\x00")[0].decode("ascii", "replace")
