"""What a start of the program reads from flash: counted on a littlefs by the real MicroPython."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import micropython
from tools.bench.currents import LOAD_MS, READ_BYTE_MS, READ_MS
from tools.firmware_archive import ARCHIVE, LOADER
from tools.firmware_build import build_role

_ON_MICROPYTHON = Path(__file__).with_name("import_on_micropython.py")
_ARCH = "x64"


@dataclass(frozen=True)
class ImportCost:
    """Modules, and reads of flash from the file system's mount to the last import."""

    modules: int
    reads: int
    read_bytes: int

    @property
    def ms(self) -> float:
        """Return how long that takes on a board."""
        reading = self.reads * READ_MS + self.read_bytes * READ_BYTE_MS
        return reading + self.modules * LOAD_MS


def import_costs(role: str, board: str) -> tuple[ImportCost, ImportCost]:
    """Return the cost of a start from the archive, and from loose files."""
    program = ["firmware.start", f"firmware.{role}", f"firmware.boards.{board}"]
    with TemporaryDirectory(prefix="tocsin-import-") as scratch:
        tree = Path(scratch) / role
        build_role(tree, role, _ARCH)
        shutil.rmtree(tree / "shims")
        archived = Path(scratch) / "archived"
        archived.mkdir()
        for name in (LOADER, ARCHIVE):
            (tree / name).rename(archived / name)
        return _count(archived, ["archive", *program]), _count(tree, program)


def _count(tree: Path, program: list[str]) -> ImportCost:
    argv = [*micropython.command(), "-X", "heapsize=16m", str(_ON_MICROPYTHON), str(tree), *program]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return ImportCost(*map(int, done.stdout.split()))
