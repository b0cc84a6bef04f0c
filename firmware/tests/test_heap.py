"""Each program lives on in a bounded heap of 32 bits, from .mpy as on a board, and does not grow."""

from pathlib import Path

import pytest

from tools.bench.firmware_heap import (
    BUTTON,
    CALL_BOX,
    KB,
    RADIO_HEAD,
    RADIO_HEAD_BLE,
    Case,
    Stay,
    lived,
)
from tools.bench.firmware_tree import plant
from tools.firmware_closure import ROLES, closure_of

# KB for the program and the virtual bench's shims, which take 25 to 26 of it: what it lives in today, and a
# little. All are below the 64 that a program may have.
BOUND_KB = {"button": 78, "call_box": 90, "radio_head": 84, "radio_head_ble": 64}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "stay"),
    [
        (BUTTON, Stay(days=2, alerts=13)),
        (CALL_BOX, Stay(days=0.5, alerts=5)),
        (RADIO_HEAD_BLE, Stay(days=0.5, alerts=3)),
        (RADIO_HEAD, Stay(days=0.05, alerts=2)),
    ],
    ids=lambda one: one.name if isinstance(one, Case) else "",
)
def test_a_program_lives_on_in_a_bounded_heap(tmp_path: Path, case: Case, stay: Stay) -> None:
    tree = plant(tmp_path / "tree", case.life.role)
    course = lived(tree, case, BOUND_KB[case.name] * KB, stay, every_s=round(stay.days * 4_320))
    print(
        f"{case.name}: {max(course.used) - course.base} bytes in use, {course.growth} more at the end"
    )
    assert len(course.used) >= 8
    assert course.steady


def test_of_the_shims_no_more_than_a_quarter_of_a_heap_is_taken(tmp_path: Path) -> None:
    tree = plant(tmp_path / "tree", BUTTON.life.role)
    course = lived(tree, BUTTON, BOUND_KB["button"] * KB, Stay(days=0.0001, alerts=0))
    assert course.base < 28 * KB


@pytest.mark.parametrize("role", ROLES)
def test_what_only_hosts_need_is_on_no_board(role: str) -> None:
    loaded = closure_of(role).modules
    hosts = {f"protocol.{name}" for name in ("names", "messages", "bulk", "whole_ccm")}
    assert not hosts & set(loaded)
