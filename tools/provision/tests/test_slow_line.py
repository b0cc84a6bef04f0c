"""A slow line brings everything, only later; one that has stalled is lost, and the next run goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.provision import files
from tools.provision.repl import Repl
from tools.provision.stopped import Lost
from tools.virtual.bare.board import BareBoard
from tools.virtual.bare.rom_chip import ESP32C3
from tools.virtual.bare.stand_in import firmware

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:set(Daemon|Name).. is deprecated:DeprecationWarning"),
]
CONTENT = bytes(range(256)) * 16
WIRE_S = len(CONTENT) * 4 / 3 * 10 / 115_200  # as base64, ten bits a byte


@pytest.fixture
def board(tmp_path: Path) -> Iterator[BareBoard]:
    made = BareBoard(tmp_path / "board")
    made.flash.program(0, firmware(ESP32C3, 4))
    made.unplug()
    made.plug()
    yield made
    made.close()


def copy(board: BareBoard, slow: float) -> float:
    """Copy a file over a line so slow; return the seconds that it took."""
    board.faults.slow = slow
    with Repl(board.url) as console:
        begin_s = time.monotonic()
        for _ in files.copy(console, f"slow-{slow:g}.bin", CONTENT):
            pass
        return time.monotonic() - begin_s


def test_what_a_slow_line_brings_is_whole_and_takes_so_much_longer(board: BareBoard) -> None:
    for slow in (1.0, 4.0):
        assert copy(board, slow) >= slow * WIRE_S
        assert (board.files / f"slow-{slow:g}.bin").read_bytes() == CONTENT
    board.faults.slow = 0.0
    assert copy(board, 0.0) < WIRE_S


def test_a_line_that_stalls_is_lost_and_the_next_try_brings_it(board: BareBoard) -> None:
    with Repl(board.url) as console:
        board.faults.stall_after = len(CONTENT) // 2
        with pytest.raises(Lost):
            list(files.copy(console, "slow.bin", CONTENT))
    board.faults.stall_after = -1
    with Repl(board.url, reset=True) as console:
        list(files.copy(console, "slow.bin", CONTENT))
        assert not files.missing(console, {"slow.bin": CONTENT})
