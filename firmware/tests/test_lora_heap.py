"""What LoRa costs of the heap, on both interpreters."""

import os
import subprocess
from pathlib import Path

import pytest

from tools import micropython

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = Path(__file__).with_name("lora_heap.py")


@pytest.mark.parametrize(
    ("arch", "a_random_number", "radio"), [(None, 64, 6_500), ("i386", 32, 3_500)]
)
def test_an_alert_by_lora_allocates_nothing_and_a_busy_result_a_random_number(
    arch: str | None, a_random_number: int, radio: int
) -> None:
    """From the press to the frame on air, its answer heard and the window over, with the heap locked."""
    done = subprocess.run(
        [*micropython.command(arch), str(_PROGRAM)],
        env=os.environ | {"MICROPYPATH": f".frozen:{_ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    alert_bytes, busy_bytes, radio_bytes = (int(word) for word in done.stdout.split())
    assert alert_bytes == 0
    assert busy_bytes <= a_random_number
    assert radio_bytes <= radio
