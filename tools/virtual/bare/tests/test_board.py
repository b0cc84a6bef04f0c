"""esptool and mpremote, unmodified, take a virtual board for a real one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.provision import network_port
from tools.virtual.bare.board import BareBoard
from tools.virtual.bare.rom_chip import ESP32C3, ESP32S3, RomChip
from tools.virtual.bare.stand_in import firmware

pytestmark = pytest.mark.slow
QUICK = str(Path(network_port.__file__).parent)


def esptool(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "esptool", *arguments]
    env = {**os.environ, "PYTHONPATH": QUICK, "NO_COLOR": "1"}
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)


def mpremote(board: BareBoard, *arguments: str) -> str:
    argv = [sys.executable, "-m", "mpremote", "connect", board.url, *arguments]
    env = {**os.environ, "PYTHONPATH": QUICK}
    return subprocess.run(
        argv, env=env, capture_output=True, text=True, check=True, timeout=60
    ).stdout


@pytest.fixture
def board(tmp_path: Path) -> Iterator[BareBoard]:
    board = BareBoard(tmp_path / "board")
    yield board
    board.close()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.bin"
    path.write_bytes(firmware(ESP32C3))
    return path


@pytest.mark.parametrize("chip", [ESP32C3, ESP32S3])
def test_esptool_finds_chip_mac_and_flash(tmp_path: Path, chip: RomChip) -> None:
    board = BareBoard(tmp_path / "board", chip, flash_mb=8)
    said = esptool("--port", board.url, "flash-id").stdout
    board.close()
    assert f"Connected to ESP32-{chip.chip.name[-2:].upper()}" in said
    assert "24:0a:c4:00:00:01" in said
    assert "Detected flash size: 8MB" in said


@pytest.mark.parametrize("options", [(), ("--no-stub",), ("--baud", "921600")])
def test_what_esptool_writes_is_in_flash_and_starts(
    board: BareBoard, image: Path, options: tuple[str, ...]
) -> None:
    done = esptool("--port", board.url, *options, "write-flash", "0", str(image))
    assert "Hash of data verified" in done.stdout, done.stdout + done.stderr
    written = image.read_bytes()
    assert board.flash.read(0, 0x9000) == written[:0x9000]
    assert board.flash.read(0x10000, len(written) - 0x10000) == written[0x10000:]
    assert "6\n" in mpremote(board, "exec", "print(1+5)").replace("\r", "")


def test_esptool_refuses_an_image_for_another_chip(tmp_path: Path, board: BareBoard) -> None:
    other = tmp_path / "s3.bin"
    other.write_bytes(firmware(ESP32S3))
    assert esptool("--port", board.url, "write-flash", "0", str(other)).returncode


def test_esptool_takes_the_stand_in_for_an_image(tmp_path: Path, image: Path) -> None:
    application = tmp_path / "application.bin"
    application.write_bytes(image.read_bytes()[0x10000:])
    for path in (image, application):
        said = esptool("image-info", str(path)).stdout
        assert "ESP32-C3" in said
        assert said.count("(valid)") == 2


def test_mpremote_copies_files_that_a_reset_leaves_and_an_erase_takes(
    tmp_path: Path, board: BareBoard, image: Path
) -> None:
    esptool("--port", board.url, "write-flash", "0", str(image))
    file = tmp_path / "there.txt"
    file.write_bytes(bytes(range(256)) * 8)
    mpremote(board, "fs", "cp", str(file), ":there.txt")
    assert (board.files / "there.txt").read_bytes() == file.read_bytes()
    assert "there.txt" in mpremote(board, "reset", "sleep", "0.3", "fs", "ls")
    esptool("--port", board.url, "write-flash", "--erase-all", "0", str(image))
    assert "there.txt" not in mpremote(board, "fs", "ls")


def test_a_board_without_an_image_has_no_console(board: BareBoard) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        mpremote(board, "exec", "1")
