"""From a press to its advert nothing is allocated: the unmodified program, with its heap locked."""

import re
import shutil
from pathlib import Path

import pytest

from tools.bench.firmware_press import NoAdvert, lora_heap, press
from tools.firmware_build import compile_file
from tools.firmware_closure import ROOT
from tools.flashed import flashed

HOLD_MS = 800


@pytest.fixture(scope="module")
def tree() -> Path:
    return flashed("panic_button", "x86")


def test_a_press_allocates_nothing_on_32_bits_from_mpy(tree: Path) -> None:
    found = press(tree)
    assert found.at_ms == HOLD_MS, "the alert, no other frame"
    assert found.heap_bytes == 0


def test_nor_on_64_bits_from_the_sources() -> None:
    assert press(ROOT, None).heap_bytes == 0


def test_what_an_advert_needs_is_loaded_before_it_and_lora_is_not(tree: Path) -> None:
    modules = press(tree).modules
    assert "tocsin" in modules
    assert not [name for name in modules if "lora" in name]


def changed(tree: Path, tmp_path: Path, old: str, new: str) -> Path:
    """Return a copy of the program with something else in it; what `old` finds has short names."""
    text, times = re.subn(old, new, (tree.with_name(f"{tree.name}.map") / "tocsin.py").read_text())
    assert times == 1
    file = tmp_path / "changed.py"
    file.write_text(text)
    copy = tmp_path / "tree"
    shutil.copytree(tree, copy)
    compile_file(file, copy / "tocsin.mpy", "x86", "tocsin.py")
    return copy


def test_sixteen_bytes_on_the_way_are_found(tree: Path, tmp_path: Path) -> None:
    old = r"gap_advertise\((\w+), (\w+), connectable=False\)"
    new = r"gap_advertise(\1, [\2][0], connectable=False)"
    assert press(changed(tree, tmp_path, old, new)).heap_bytes >= 16


def test_a_program_that_never_advertises_is_said(tree: Path, tmp_path: Path) -> None:
    old, new = r"\n( +)[\w.]+\.active\(True\)", r"\n\1raise ValueError('no radio')"
    with pytest.raises(NoAdvert, match="no radio"):
        press(changed(tree, tmp_path, old, new))


def test_an_alert_by_lora_is_bounded() -> None:
    found = lora_heap()
    assert found.alert == 0
    assert found.busy <= 32
