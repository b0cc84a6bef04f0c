"""What a start of the program reads from flash: counted on a littlefs by the real MicroPython."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import micropython
from tools.bench.currents import FROZEN_SHARE, LOAD_MS_A_KB, READ_BYTE_MS, READ_MS
from tools.firmware_build import MAIN, build_role, compile_file
from tools.firmware_closure import ROOT, START, closure_of, path_of

_ON_MICROPYTHON = Path(__file__).with_name("import_on_micropython.py")
_ARCH = "x64"


@dataclass(frozen=True)
class ImportCost:
    """Modules and their bytes, and reads of flash from the file system's mount to the last import."""

    modules: int
    loaded_bytes: int
    reads: int
    read_bytes: int

    @property
    def ms(self) -> float:
        """Return how long that takes on a board."""
        reading = self.reads * READ_MS + self.read_bytes * READ_BYTE_MS
        return reading + self._load_ms

    @property
    def frozen_ms(self) -> float:
        """Return how long it takes where the program is part of the image."""
        return FROZEN_SHARE * self._load_ms

    @property
    def _load_ms(self) -> float:
        return self.loaded_bytes / 1000 * LOAD_MS_A_KB


def import_costs(role: str, board: str) -> tuple[ImportCost, ImportCost]:
    """Return the cost of a start of what is flashed, and of its sources, a file a module."""
    asked_for = ("core.settings", f"boards.{board}", "core.codec", role)  # by `start`, in its order
    program = [START, *(f"firmware.{name}" for name in asked_for)]
    with TemporaryDirectory(prefix="tocsin-import-") as scratch:
        linked, apart = Path(scratch) / role, Path(scratch) / "apart"
        build_role(linked, role, _ARCH)
        shutil.rmtree(linked / "shims")
        for module in closure_of(role, [board]).modules:
            place = path_of(module).relative_to(ROOT)
            compile_file(ROOT / place, (apart / place).with_suffix(".mpy"), _ARCH, str(place))
        shutil.copyfile(MAIN, apart / MAIN.name)
        return _count(linked, program), _count(apart, program)


def _count(tree: Path, program: list[str]) -> ImportCost:
    argv = [*micropython.command(), "-X", "heapsize=16m", str(_ON_MICROPYTHON), str(tree), *program]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return ImportCost(*map(int, done.stdout.split()))
