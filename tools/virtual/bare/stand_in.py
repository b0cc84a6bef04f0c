"""Makes an image that a virtual board boots: whole in every checksum, noise in place of code."""

import hashlib
import random
import struct
from collections.abc import Mapping
from functools import reduce
from operator import xor

from tools.provision.esp_image import APPLICATION_AT, TABLE_AT
from tools.virtual.bare.frozen import packed
from tools.virtual.bare.rom_chip import RomChip

VERSION = "v1.29.0"
_PARTITIONS = (  # name, type, subtype, at, size: MicroPython's for 4 MB
    ("nvs", 1, 2, 0x9000, 0x6000),
    ("phy_init", 1, 1, 0xF000, 0x1000),
    ("factory", 0, 0, 0x10000, 0x1F0000),
    ("vfs", 1, 0x81, 0x200000, 0x200000),
)


def firmware(
    chip: RomChip, kib: int = 64, version: str = VERSION, frozen: Mapping[str, bytes] | None = None
) -> bytes:
    """Return an image for `chip` whose application has so many KiB, three fifths of them zeros.

    `frozen`: modules that it brings beside MicroPython's own.
    """
    chance = random.Random(f"{chip.chip_id} {kib}")
    noise = chance.randbytes(kib * 1024 * 2 // 5)
    code = noise + bytes(kib * 1024 - len(noise))
    description = struct.pack(
        "<I12x32s32s16s16s32s112x", 0xABCD5432, version.encode(), b"micropython", b"", b"", b""
    )
    boot = _image(chip, [chance.randbytes(4096)])
    frozen_in = [packed(frozen)] if frozen else []
    application = _image(chip, [description, code, *frozen_in])
    with_table = boot.ljust(TABLE_AT, b"\xff") + _table()
    return with_table.ljust(APPLICATION_AT, b"\xff") + application


def _image(chip: RomChip, segments: list[bytes]) -> bytes:
    header = struct.pack(
        "<BBBBI4xHBHH4xB", 0xE9, len(segments), 2, 0x20, 0x4037_0000, chip.chip_id, 0, 0, 0xFFFF, 1
    )
    parts = [struct.pack("<II", 0x3C00_0000, len(data)) + data for data in segments]
    body = header + b"".join(parts)
    body += bytes(15 - len(body) % 16)
    body += bytes([reduce(xor, b"".join(segments), 0xEF)])
    return body + hashlib.sha256(body).digest()


def _table() -> bytes:
    rows = [
        struct.pack("<2sBBII16sI", b"\xaa\x50", kind, sub, at, size, name.encode(), 0)
        for name, kind, sub, at, size in _PARTITIONS
    ]
    table = b"".join(rows)
    digest = hashlib.md5(table, usedforsecurity=False).digest()
    return table + b"\xeb\xeb" + b"\xff" * 14 + digest
