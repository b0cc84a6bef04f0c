"""What is flashed, built once: boards of the virtual bench run it as a real one does.

    ~/.cache/tocsin/firmware/DIGEST/ARCH/ROLE    a tree of `tools.firmware_build`

DIGEST is that of `tools.linked`. A folder is built beside and renamed: several processes may ask for the
same one. Beside a tree lie its texts, ROLE.map. mpy-cross has machine code for no 64-bit computer but
x64: others run the sources.
"""

import platform
import shutil
from pathlib import Path
from tempfile import mkdtemp

from tools import linked
from tools.firmware_build import HOSTS, build_role
from tools.firmware_closure import ROOT

_X64 = ("x86_64", "AMD64")


def flashed(role: str, arch: str = "x64") -> Path:
    """Return the tree of a role for an interpreter, from the cache or built for it."""
    if arch in HOSTS and platform.machine() not in _X64:
        return ROOT
    place = linked.folder() / arch / role
    if not place.is_dir():
        place.parent.mkdir(exist_ok=True)
        beside = Path(mkdtemp(prefix=f"{role}-", dir=place.parent))
        try:
            build_role(beside / role, role, arch)
            for name in (f"{role}.map", role):  # the tree last: where it is, all is
                _rename(beside / name, place.with_name(name))
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return place


def _rename(built: Path, place: Path) -> None:
    """Put a tree into its place, unless another process was first."""
    try:
        built.rename(place)
    except OSError:
        if not place.is_dir():
            raise
