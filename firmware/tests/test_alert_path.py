"""From a press to its advert nothing is allocated: the unmodified program, with its heap locked."""

import shutil
from pathlib import Path

import pytest

from tools.bench.firmware_press import NoAdvert, lora_heap, press
from tools.firmware_build import build_role, compile_file
from tools.firmware_closure import ROOT

HOLD_MS = 800


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("button")
    build_role(folder, "panic_button", "x86")
    return folder


def test_a_press_allocates_nothing_on_32_bits_from_mpy(tree: Path) -> None:
    found = press(tree)
    assert found.at_ms == HOLD_MS, "the alert, no other frame"
    assert found.heap_bytes == 0


def test_nor_on_64_bits_from_the_sources() -> None:
    assert press(ROOT, None).heap_bytes == 0


def test_what_an_advert_needs_is_loaded_before_it_and_lora_is_not(tree: Path) -> None:
    modules = press(tree).modules
    assert "firmware.core.alert" in modules
    assert "firmware.worn_air" in modules
    assert not [name for name in modules if "lora" in name and name != "firmware.core.lora_share"]


def changed(tree: Path, tmp_path: Path, name: str, old: str, new: str) -> Path:
    """Return a copy of the program with another line in it."""
    source = (ROOT / name).read_text()
    assert old in source
    file = tmp_path / "changed.py"
    file.write_text(source.replace(old, new))
    copy = tmp_path / "tree"
    shutil.copytree(tree, copy)
    compile_file(file, (copy / name).with_suffix(".mpy"), "x86", name)
    return copy


def test_sixteen_bytes_on_the_way_are_found(tree: Path, tmp_path: Path) -> None:
    old = "self._ble.gap_advertise(interval_us, payload, connectable=False)"
    new = old.replace("payload,", "[payload][0],")
    assert press(changed(tree, tmp_path, "firmware/hal/ble.py", old, new)).heap_bytes >= 16


def test_a_program_that_never_advertises_is_said(tree: Path, tmp_path: Path) -> None:
    old, new = "self._ble.active(True)", "raise ValueError('no radio')"
    with pytest.raises(NoAdvert, match="no radio"):
        press(changed(tree, tmp_path, "firmware/hal/ble.py", old, new))


def test_an_alert_by_lora_is_bounded() -> None:
    found = lora_heap()
    assert found.alert == 0
    assert found.busy <= 32
