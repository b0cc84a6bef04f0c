"""Every check of the tree: the same on a laptop and in CI.

    python -m tools.check [--quick] [pytest arguments ...]

All steps run even when one fails: first those on one core each, side by side, then the tests on every
core. --quick leaves out the tests marked slow and shows each property a few examples only.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# One worker more than cores: some test always waits. `tools/test -n 0 ...` for a debugger
ON_EVERY_CORE = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal")
QUICK = ("-m", "not slow", "--hypothesis-profile=quick")
# Compiled once for all workers and for the programs that the tests start, also where the
# environment would have nothing kept: it takes half the time.
KEPT = {"PYTHONDONTWRITEBYTECODE": ""}
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


def beside_each_other() -> list[Step]:
    """Return the checks that read and compile, the longest first."""
    return [
        Step("types", _module("mypy")),
        Step("board files", _module("tools.firmware_build")),
        types_on_the_board(),
        Step("format", _module("ruff", "format", "--check", "--quiet")),
        Step("lint", _module("ruff", "check", "--quiet")),
    ]


def tests(arguments: Sequence[str]) -> Step:
    """Return the run of the tests; `arguments` are --quick and those for pytest."""
    for_pytest = [argument for argument in arguments if argument != "--quick"]
    quick = QUICK if "--quick" in arguments else ()
    return Step("tests", _module("pytest", *ON_EVERY_CORE, *quick, *for_pytest), KEPT)


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
    _say(step)
    begun = time.monotonic()
    done = subprocess.run(step.argv, cwd=ROOT, env=os.environ | step.env, check=False)
    return Outcome(step.name, done.returncode == 0, time.monotonic() - begun)


def run_beside_each_other(steps: Sequence[Step]) -> Iterator[Outcome]:
    """Run steps, one a core; yield how each went, in order, after what it said."""
    with ThreadPoolExecutor(os.cpu_count()) as cores:
        for step, (outcome, said) in zip(steps, cores.map(_run_aside, steps), strict=True):
            _say(step)
            print(said, end="", flush=True)
            yield outcome


def _run_aside(step: Step) -> tuple[Outcome, str]:
    begun = time.monotonic()
    done = subprocess.run(
        step.argv,
        cwd=ROOT,
        env=os.environ | step.env,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Outcome(step.name, done.returncode == 0, time.monotonic() - begun), done.stdout


def _say(step: Step) -> None:
    print(f"== {step.name}: {shlex.join(step.argv[2:])}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Run every step, say how each went; return the exit status."""
    outcomes = [*run_beside_each_other(beside_each_other()), run(tests(arguments))]
    print()
    for outcome in outcomes:
        verdict = "ok" if outcome.passed else "FAILED"
        print(f"{outcome.name:<12} {verdict:<7} {outcome.seconds:6.1f} s")
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    print(f"check: failed: {', '.join(failed)}" if failed else "check: everything passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
