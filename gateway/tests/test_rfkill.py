"""Whether an adapter is blocked, read from files as the kernel has them."""

from pathlib import Path

import pytest

from gateway.radio import rfkill


@pytest.fixture
def switch(tmp_path: Path) -> Path:
    folder = tmp_path / "hci0" / "rfkill3"
    folder.mkdir(parents=True)
    for name in ("soft", "hard", "persistent"):
        (folder / name).write_text("0\n", encoding="ascii")
    return folder


def test_one_that_nobody_blocks(switch: Path, tmp_path: Path) -> None:
    assert not rfkill.blocked("hci0", tmp_path)
    (switch / "persistent").write_text("1\n", encoding="ascii")
    assert not rfkill.blocked("hci0", tmp_path)


@pytest.mark.parametrize("by", ["soft", "hard"])
def test_one_that_a_program_or_a_switch_blocks(switch: Path, tmp_path: Path, by: str) -> None:
    (switch / by).write_text("1\n", encoding="ascii")
    assert rfkill.blocked("hci0", tmp_path)
    assert not rfkill.blocked("hci1", tmp_path)


def test_a_machine_without_bluetooth(tmp_path: Path) -> None:
    assert not rfkill.blocked("hci0", tmp_path / "missing")
