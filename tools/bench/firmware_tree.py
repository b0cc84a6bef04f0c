"""A role's program as it lies on a board, to be run in a bounded heap of 32 bits."""

from dataclasses import dataclass
from pathlib import Path

from tools import micropython
from tools.firmware_build import MAIN, build_role, compile_file
from tools.virtual.world import World

_ARCH = "x86"
_MEASURED = Path(__file__).with_name("heap_on_micropython.py")


@dataclass(frozen=True)
class Tree:
    """A folder with the program, compiled, and with what measures it."""

    folder: Path

    def world(self, logs: Path, heap_bytes: int, every_s: int) -> World:
        """Return a world whose boards have this program and a heap of so many bytes.

        They tell what is in use every so many seconds, 0 is never.
        """
        logs.mkdir(parents=True, exist_ok=True)
        main = f"import heap_on_micropython\nheap_on_micropython.run({every_s})\n"
        (self.folder / "main.py").write_text(main)
        argv = [*micropython.command("i386"), "-X", f"heapsize={heap_bytes}"]
        return World(logs, firmware=self.folder, micropython_argv=argv)


def plant(folder: Path, role: str) -> Tree:
    """Compile a role into `folder`."""
    build_role(folder, role, _ARCH)
    shims = folder / "shims"
    compile_file(_MEASURED, shims / "heap_on_micropython.mpy", _ARCH, _MEASURED.name)
    compile_file(MAIN, shims / "flashed.mpy", _ARCH, "main.py")
    return Tree(folder)
