"""What a frame costs on the real MicroPython: time on the native one, heap on the 32-bit one."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import micropython

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "tools.bench.frame_on_micropython"


@dataclass(frozen=True)
class FrameCost:
    """Of one frame, on an interpreter of `bits`."""

    bits: int
    heap_bytes: float
    us: float


def frame_cost(arch: str | None, frames: int) -> FrameCost:
    """Build `frames` frames on MicroPython, native or "i386"; raise `MicroPythonMissing`."""
    done = subprocess.run(
        [*micropython.command(arch), "-m", _PROGRAM, str(frames)],
        cwd=_ROOT,
        env={**os.environ, "MICROPYPATH": f".frozen:{_ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{_PROGRAM} failed:\n{done.stdout}{done.stderr}")
    bits, heap_bytes, us = done.stdout.split()
    return FrameCost(int(bits), float(heap_bytes), float(us))
