"""NOR flash: programming clears bits, only erasing sets them, and there is an end."""

from pathlib import Path

import pytest

from tools.virtual.bare.flash_file import SECTOR, FlashFile, OutOfFlash


def test_what_is_programmed_twice_is_the_and_of_both(tmp_path: Path) -> None:
    with FlashFile(tmp_path / "flash", 1 << 20) as flash:
        flash.program(10, b"\xf0\x0f")
        flash.program(10, b"\xcc\xff")
        assert flash.read(9, 4) == b"\xff\xc0\x0f\xff"


def test_an_erase_takes_whole_sectors(tmp_path: Path) -> None:
    with FlashFile(tmp_path / "flash", 1 << 20) as flash:
        flash.program(0, bytes(3 * SECTOR))
        flash.erase(SECTOR + 5, 10)
        assert flash.read(0, 3 * SECTOR) == bytes(SECTOR) + b"\xff" * SECTOR + bytes(SECTOR)


def test_it_keeps_its_content_without_power(tmp_path: Path) -> None:
    with FlashFile(tmp_path / "flash", 1 << 20) as flash:
        flash.program(0, b"kept")
    with FlashFile(tmp_path / "flash", 1 << 20) as flash:
        assert flash.read(0, 4) == b"kept"


def test_an_address_beyond_its_end_is_refused(tmp_path: Path) -> None:
    with FlashFile(tmp_path / "flash", 1 << 20) as flash:
        with pytest.raises(OutOfFlash):
            flash.program((1 << 20) - 1, b"ab")
        with pytest.raises(OutOfFlash):
            flash.read(-1, 1)


def test_its_id_tells_its_size(tmp_path: Path) -> None:
    with FlashFile(tmp_path / "flash", 8 << 20) as flash:
        assert flash.jedec_id >> 16 == 23
