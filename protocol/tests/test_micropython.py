"""The same modules and vectors on the real MicroPython, as wide as a board and as a computer."""

import os
import subprocess
from pathlib import Path

import pytest

from protocol.tests.vector_checks import CHECKS, load
from tools import micropython

ROOT = Path(__file__).parents[2]
RUNNER = "protocol/tests/run_micropython.py"
MODULES = sorted((ROOT / "protocol").glob("*.py"))
WIDTHS = {None: 64, "i386": 32}


def run(arch: str | None, *arguments: str) -> str:
    done = subprocess.run(
        [*micropython.command(arch), *arguments],
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": f".frozen:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("arch", WIDTHS)
def test_vectors_and_heap(arch: str | None) -> None:
    lines = [line.split() for line in run(arch, RUNNER).splitlines()]
    counts = {name: int(count) for name, count in lines}
    if arch:
        assert counts["bits"] == WIDTHS[arch]
    assert counts["modules"] == len(MODULES)
    assert {name: counts[name] for name in CHECKS} == {name: len(load(name)) for name in CHECKS}
    assert counts["heap"] >= 35
    assert counts["compiled"] >= 900


def test_a_micropython_without_a_compiler_runs_the_plain_loops() -> None:
    source = """
import sys
sys.modules["protocol.compiled"] = None
from protocol import loops, portable
print(portable.xor is loops.xor, portable.const(1))
from protocol.tests import vector_checks
for case in vector_checks.load("uplinks"):
    vector_checks.check_uplinks(case)
"""
    assert run("i386", "-c", source) == "True 1\n"


def test_a_failing_runner_fails() -> None:
    with pytest.raises(AssertionError, match="is not"):
        run(None, "-c", "from protocol.tests.vector_checks import same; same(1, 2)")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_module_imports_alone(module: Path) -> None:
    run("i386", "-c", f"import protocol.{module.stem}")


def test_integers_that_do_not_fit_are_refused() -> None:
    """Both interpreters refuse what `to_bytes` cannot hold: no value is cut silently."""
    source = """
from protocol.link_messages import Done, Received
def refused(message):
    try:
        message.to_bytes()
    except OverflowError:
        return True
print(refused(Done(65536, 0)), refused(Done(-1, 0)), refused(Received(0, 128, 0, 0, b"")))
"""
    assert run("i386", "-c", source) == "True True True\n"
