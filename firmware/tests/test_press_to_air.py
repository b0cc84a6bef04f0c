"""From a press to its advertisement nothing is allocated: a full heap delays no alert, and ends none."""

import os
import subprocess
from pathlib import Path

import pytest

from tools import micropython

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("press_to_air.py")


def run(arch: str | None, board: str, spans: str) -> tuple[int, int]:
    """Return bytes allocated, and ms to the advertisement."""
    argv = micropython.command() if arch is None else micropython.command(arch)
    done = subprocess.run(
        [*argv, str(SCRIPT), board, spans],
        env=os.environ | {"MICROPYPATH": f"{ROOT}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    spent, at_ms = done.stdout.split()
    return int(spent), int(at_ms)


@pytest.mark.parametrize("arch", [None, "i386"])
@pytest.mark.parametrize("board", ["esp32c3_devkit", "esp32c3_lora"])
@pytest.mark.parametrize(
    ("spans", "told_ms"),
    [("900,10000", 800), ("120,400,120,10000", 990), ("100,5,500,5,900,10000", 800)],
)
def test_a_press_that_wakes_it_costs_no_heap(
    arch: str | None, board: str, spans: str, told_ms: int
) -> None:
    spent, at_ms = run(arch, board, spans)
    assert spent == 0
    assert told_ms <= at_ms < told_ms + 120
