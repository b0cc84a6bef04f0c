"""A role's program as it lies on a board, to be run in a bounded heap of 32 bits."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tools import micropython
from tools.bench.romfs import image
from tools.firmware_build import build_role, compile_file
from tools.firmware_closure import ROOT
from tools.virtual.world import World

_ARCH = "x86"
_MEASURED = Path(__file__).with_name("heap_on_micropython.py")
_IMAGE = "rom.img"
_PACKAGES = ("firmware", "protocol")


@dataclass(frozen=True)
class Tree:
    """`in_place`: code and names are used where they lie in flash, by ROMFS; else they are loaded."""

    folder: Path
    in_place: bool

    def world(self, logs: Path, heap_bytes: int, every_s: int) -> World:
        """Return a world whose boards have this program and a heap of so many bytes.

        They tell what is in use every so many seconds, 0 is never.
        """
        logs.mkdir(parents=True, exist_ok=True)
        rom = str(self.folder / _IMAGE) if self.in_place else ""
        main = f"import heap_on_micropython\nheap_on_micropython.run({rom!r}, {every_s})\n"
        (self.folder / "main.py").write_text(main)
        argv = [*micropython.command("i386"), "-X", f"heapsize={heap_bytes}"]
        return World(logs, firmware=self.folder, micropython_argv=argv)


def plant(folder: Path, role: str, *, in_place: bool = False) -> Tree:
    """Compile a role into `folder`."""
    build_role(folder, role, _ARCH)
    shims = folder / "shims"
    compile_file(_MEASURED, shims / "heap_on_micropython.mpy", _ARCH, _MEASURED.name)
    compile_file(ROOT / "firmware" / "main.py", shims / "flashed.mpy", _ARCH, "main.py")
    if in_place:
        packages = [folder / name for name in _PACKAGES]
        (folder / _IMAGE).write_bytes(image(packages))
        for package in packages:
            shutil.rmtree(package)
    return Tree(folder, in_place)
