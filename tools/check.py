"""Every check of the tree, in order: the same on a laptop and in CI.

    python -m tools.check [--quick] [pytest arguments ...]

All steps run even when one fails. --quick leaves out the tests marked slow.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ON_EVERY_CORE = ("-n", "auto", "--dist", "worksteal")  # `tools/test -n 0 ...` for a debugger
BOARD_STUBS = ROOT / ".mypy_cache" / "board_stubs"


@dataclass(frozen=True)
class Step:
    """One check: a name, and what runs it from the root of the tree."""

    name: str
    argv: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a step went."""

    name: str
    passed: bool
    seconds: float


def steps(arguments: Sequence[str]) -> list[Step]:
    """Return what there is to do; `arguments` are --quick and those for pytest."""
    for_pytest = [argument for argument in arguments if argument != "--quick"]
    if "--quick" in arguments:
        for_pytest = ["-m", "not slow", *for_pytest]
    return [
        Step("format", _module("ruff", "format", "--check", "--quiet")),
        Step("lint", _module("ruff", "check", "--quiet")),
        Step("types", _module("mypy")),
        types_on_the_board(),
        Step("board files", _module("tools.firmware_build")),
        Step("tests", _module("pytest", *ON_EVERY_CORE, *for_pytest)),
    ]


def types_on_the_board() -> Step:
    """Return the check of what runs on the board against the stubs of its MicroPython.

    mypy finds no stubs that lie beside other packages, so it gets a folder with those alone.
    """
    BOARD_STUBS.mkdir(parents=True, exist_ok=True)
    for name, target in _board_stubs():
        link = BOARD_STUBS / name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(target)
    typeshed = metadata.distribution("micropython-stdlib-stubs").locate_file("")
    argv = _module("mypy", "--config-file=firmware/mypy.ini", f"--custom-typeshed-dir={typeshed}")
    return Step("board types", argv, {"MYPYPATH": f"{BOARD_STUBS}{os.pathsep}{ROOT}"})


def _board_stubs() -> Iterator[tuple[str, Path]]:
    """Yield name and place of each module the board's stubs are made of."""
    for package in ("micropython-esp32-stubs", "micropython-stdlib-stubs"):
        names = {file.parts[0] for file in metadata.files(package) or () if file.suffix == ".pyi"}
        for name in sorted(names - {"stdlib", "stubs"}):  # those two are the typeshed
            yield name, Path(str(metadata.distribution(package).locate_file(name)))


def _module(*argv: str) -> list[str]:
    return [sys.executable, "-m", *argv]


def run(step: Step) -> Outcome:
    """Run a step, its output as it comes; return how it went."""
    print(f"== {step.name}: {shlex.join(step.argv[2:])}", flush=True)
    begun = time.monotonic()
    done = subprocess.run(step.argv, cwd=ROOT, env=os.environ | step.env, check=False)
    return Outcome(step.name, done.returncode == 0, time.monotonic() - begun)


def main(arguments: Sequence[str]) -> int:
    """Run every step, say how each went; return the exit status."""
    outcomes = [run(step) for step in steps(arguments)]
    print()
    for outcome in outcomes:
        verdict = "ok" if outcome.passed else "FAILED"
        print(f"{outcome.name:<12} {verdict:<7} {outcome.seconds:6.1f} s")
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    print(f"check: failed: {', '.join(failed)}" if failed else "check: everything passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
