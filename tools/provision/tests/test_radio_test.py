"""A board and a radio head on one virtual air: the head runs its firmware, the board is at its console."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tools.bench.provision_rig import Table
from tools.provision import radio_test
from tools.provision.head import Head
from tools.provision.repl import Repl
from tools.provision.stopped import Lost, Stopped
from tools.virtual.bare.board import BareBoard
from tools.virtual.bare.rom_chip import ESP32C3
from tools.virtual.bare.stand_in import firmware

pytestmark = pytest.mark.filterwarnings(
    "ignore:set(Daemon|Name).. is deprecated:DeprecationWarning"
)
ADVERTISE_US = 20_000


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    with Table(tmp_path) as made:
        yield made


def board_on(table: Table, folder: Path) -> BareBoard:
    board = BareBoard(folder, among=table.world)
    board.flash.program(0, firmware(ESP32C3, 4))
    board.unplug()
    board.plug()
    return board


@pytest.fixture
def board(table: Table, tmp_path: Path) -> Iterator[BareBoard]:
    made = board_on(table, tmp_path / "board")
    yield made
    made.close()


@pytest.fixture
def head(table: Table) -> Iterator[Head]:
    with Head(str(table.port.path)) as greeted:
        yield greeted


def tried(board: BareBoard, head: Head | None) -> dict[str, Any]:
    with Repl(board.url) as repl:
        return radio_test.run(repl, ADVERTISE_US, head)


def test_a_board_is_heard_and_hears(table: Table, board: BareBoard, head: Head) -> None:
    table.put(board, 57)
    found = tried(board, head)
    assert found["address"] == board.mac.hex()
    assert found["round_trip"] is True
    assert found["up_dbm"] == pytest.approx(-57, abs=5)
    assert found["down_dbm"] == pytest.approx(-57, abs=5)


@pytest.mark.slow
@pytest.mark.parametrize(("db", "sentence"), [(88, "radio_weak"), (200, "radio_silent")])
def test_a_board_that_is_weak_or_silent_is_refused(
    table: Table, board: BareBoard, head: Head, db: float, sentence: str
) -> None:
    table.put(board, db)
    with pytest.raises(Stopped) as refused:
        tried(board, head)
    assert refused.value.sentence == sentence
    assert not isinstance(refused.value, Lost)
    assert str(table.port.path) in str(refused.value)


@pytest.mark.slow
def test_without_a_head_it_is_said_that_nobody_listened(board: BareBoard) -> None:
    assert tried(board, None) == {"address": board.mac.hex(), "round_trip": False}


@pytest.mark.slow
def test_boards_of_a_batch_share_one_head(table: Table, tmp_path: Path, head: Head) -> None:
    boards = [board_on(table, tmp_path / f"board-{number}") for number in range(3)]
    losses = (45, 55, 65)
    for board, db in zip(boards, losses, strict=True):
        table.put(board, db)
    with ThreadPoolExecutor(len(boards)) as pool:
        found = list(pool.map(lambda board: tried(board, head), boards))
    for each, db in zip(found, losses, strict=True):
        assert each["up_dbm"] == pytest.approx(-db, abs=4)
        assert each["down_dbm"] == pytest.approx(-db, abs=4)
    for board in boards:
        board.close()


def test_a_head_that_is_pulled_out_is_lost(table: Table, board: BareBoard, head: Head) -> None:
    table.world.do(table.port.unplug)
    with pytest.raises(Lost) as lost:
        tried(board, head)
    assert lost.value.sentence == "head_lost"
