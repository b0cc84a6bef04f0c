"""Writes the archive that `firmware/archive.py` reads: a role's modules in one file."""

from binascii import crc32
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

LOADER, ARCHIVE = "archive.mpy", "tocsin.toc"
_KEY = 0x3FFFFFFF
_START_BITS, _LENGTH_BITS = 17, 13


def pack(modules: Mapping[str, bytes]) -> bytes:
    """Return an archive of path -> bytes; raise ValueError where one does not fit or two keys collide."""
    spans: dict[str, int] = {}
    body = bytearray()
    for path, data in modules.items():
        if not 0 < len(data) < 1 << _LENGTH_BITS or len(body) >= 1 << _START_BITS:
            raise ValueError(f"{path} does not fit an archive")
        spans |= {f"/{folder}": 0 for folder in _folders(path)}
        spans[f"/{path}"] = len(body) << _LENGTH_BITS | len(data)
        body += data
    entries = {crc32(path.encode()) & _KEY: span for path, span in spans.items()}
    if len(entries) != len(spans):
        raise ValueError("two paths have one key")
    index = b"".join(
        key.to_bytes(4, "big") + span.to_bytes(4, "big") for key, span in entries.items()
    )
    return b"TOC1" + len(entries).to_bytes(2, "big") + index + bytes(body)


def pack_tree(tree: Path, files: Iterable[str]) -> bytes:
    """Return an archive of some .mpy files in `tree`; read in that order it is read without a seek."""
    return pack({path: (tree / path).read_bytes() for path in files})


def _folders(path: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(path).parents if parent.name]
