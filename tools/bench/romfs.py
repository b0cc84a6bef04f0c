"""A ROMFS image of a folder: .mpy files in it are used where they lie.

    image    "RM1", high bits of the first two bytes set | length | record ...
    record   kind | length | payload
    kinds    2 bytes of a file | 4 folder: length, name, records | 5 file: length, name, records

Numbers are of 7 bits a byte, the high bit set on all but the last (MicroPython, extmod/vfs_rom.c).
"""

from collections.abc import Iterable
from pathlib import Path

_HEAD = b"\xd2\xcd\x31"
_BYTES, _FOLDER, _FILE = 2, 4, 5


def image(paths: Iterable[Path]) -> bytes:
    """Return an image with some files and folders in its root."""
    body = b"".join(map(_entry, paths))
    return _HEAD + _number(len(body)) + body


def _entry(path: Path) -> bytes:
    name = path.name.encode()
    head = _number(len(name)) + name
    if path.is_dir():
        return _record(_FOLDER, head + b"".join(map(_entry, sorted(path.iterdir()))))
    return _record(_FILE, head + _record(_BYTES, path.read_bytes()))


def _record(kind: int, payload: bytes) -> bytes:
    return _number(kind) + _number(len(payload)) + payload


def _number(value: int) -> bytes:
    out = bytes([value & 0x7F])
    while value := value >> 7:
        out = bytes([0x80 | value & 0x7F]) + out
    return out
