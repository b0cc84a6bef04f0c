"""Fuzzes everything that takes bytes from outside, for minutes or for a night; 0 findings expected.

Each target runs in a process of its own with an equal share of the time; a finding ends its run.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench import needs
from tools.bench.figures import Figures, columns, write
from tools.bench.fuzzing.drive import TARGETS, engine, has_wheel

_ROOT = Path(__file__).resolve().parents[2]
_GRACE_S = 120.0  # imports, instrumentation, a last slow input


@dataclass(frozen=True)
class Found:
    """What came of one target. Blind engines count no `edges`; `finding` is what was raised."""

    target: str
    engine: str
    executions: int
    edges: int
    finding: str
    crashing: bytes | None


def fuzz(name: str, seconds: float, kind: str, *, argv: Sequence[str] = ()) -> Found:
    """Fuzz one target in a process; `argv` is what starts it instead of `drive`."""
    program = argv or [sys.executable, "-m", "tools.bench.fuzzing.drive"]
    with TemporaryDirectory(prefix="tocsin-fuzz-") as scratch:
        done = subprocess.run(
            [*program, name, kind, str(seconds), scratch],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds + _GRACE_S,
            check=False,
        )
        artifacts = sorted(path for path in Path(scratch).iterdir() if path.is_file())
        crashing = artifacts[0].read_bytes() if artifacts else None
    said = done.stdout + done.stderr
    executions = _last(r"stat::number_of_executed_units:\s*(\d+)", said)
    if not executions:  # a crash comes before the final statistics
        executions = _last(r"^#(\d+)\s", said)
    finding = _finding(said) if done.returncode or artifacts else ""
    return Found(name, kind, executions, _last(r"\bcov: (\d+)", said), finding, crashing)


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text, re.MULTILINE)
    return int(found[-1]) if found else 0


def _finding(said: str) -> str:
    """Return the last line of a traceback, or of whatever else was said."""
    raised = re.findall(
        r"^[ |]*((?:[\w.]+\.)?\w*(?:Error|Exception|Broken|Exit|Interrupt)\b.*)", said, re.MULTILINE
    )
    lines = [line for line in said.splitlines() if line.strip()]
    return (raised or lines or ["nothing was said"])[-1].strip()


def bench(minutes: float, json_path: Path | None, say: Callable[[str], None] = print) -> int:
    """Fuzz all targets for `minutes` together; return 1 where something was found."""
    needs.ensure(["atheris"] if has_wheel() else ["hypothesis"])
    kind = engine()
    if kind != "atheris":
        say("atheris has no wheel for this Python and machine: hypothesis drives the same targets,")
        say("blind: without coverage, which shows as 0 edges.")
    found = []
    for name in TARGETS:
        say(f"fuzzing {name} ...")
        found.append(fuzz(name, minutes * 60 / len(TARGETS), kind))
    say(report(found))
    if json_path is not None:
        write(json_path, figures(found))
    return 1 if any(one.finding for one in found) else 0


def report(found: Sequence[Found]) -> str:
    """Return the figures for people, and how to repeat what was found."""
    rows = [("target", "executions", "edges", "crashes")]
    rows += [
        (one.target, f"{one.executions:,}", f"{one.edges:,}", str(int(bool(one.finding))))
        for one in found
    ]
    crashes = [
        f"{one.target}: {one.finding}\n  bytes: {_hex(one.crashing)}"
        for one in found
        if one.finding
    ]
    return "\n".join([columns(f"Fuzzing with {found[0].engine}", rows), *crashes])


def _hex(crashing: bytes | None) -> str:
    if crashing is None:
        return "not kept"
    return crashing.hex() or "none at all"


def figures(found: Sequence[Found]) -> Figures:
    """Return totals, and each target's."""
    totals = {
        "executions": sum(one.executions for one in found),
        "edges": sum(one.edges for one in found),
        "crashes": sum(bool(one.finding) for one in found),
    }
    for one in found:
        totals[f"{one.target}_executions"] = one.executions
        totals[f"{one.target}_edges"] = one.edges
        totals[f"{one.target}_crashes"] = int(bool(one.finding))
    return totals
