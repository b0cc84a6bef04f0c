"""What the board has measured is judged before it is recorded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.bench.provision_rig import BATTERY_MV, planned, put_battery
from tools.provision import self_test
from tools.provision.identity import RADIO_HEAD, Planned
from tools.provision.repl import Repl
from tools.provision.stopped import Stopped
from tools.virtual.bare.board import BareBoard
from tools.virtual.bare.rom_chip import ESP32C3
from tools.virtual.bare.stand_in import firmware

pytestmark = pytest.mark.filterwarnings(
    "ignore:set(Daemon|Name).. is deprecated:DeprecationWarning"
)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[BareBoard]:
    made = BareBoard(tmp_path / "board")
    made.flash.program(0, firmware(ESP32C3, 4))
    made.unplug()
    made.plug()
    yield made
    made.close()


def test_a_good_battery_is_recorded_with_its_chemistry(board: BareBoard) -> None:
    put_battery(board, BATTERY_MV)
    with Repl(board.url) as repl:
        found = self_test.run(repl, planned(1), None, press=False)
    assert found["battery"]["mv"] == pytest.approx(BATTERY_MV, abs=50)
    assert found["battery"]["chemistry"] == "li_mno2"  # the firmware's, where the plan has none
    assert "pressed_after_s" not in found


def test_other_readings_are_refused_with_what_to_do(
    board: BareBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")
    with Repl(board.url) as repl:
        for millivolts, what in ((0, "Put one in"), (2_600, "a good one"), (3_900, "at most 3465")):
            put_battery(board, millivolts)
            with pytest.raises(Stopped, match=what):
                self_test.run(repl, planned(1), None, press=False)


def test_the_chemistry_is_that_of_the_plan(board: BareBoard) -> None:
    device = planned(1)
    lipo = Planned(
        device.id,
        device.role,
        device.label,
        device.place,
        {**device.settings, "chemistry": "lipo"},
    )
    put_battery(board, 3_900)
    with Repl(board.url) as repl:
        found = self_test.run(repl, lipo, None, press=False)
    assert found["battery"]["chemistry"] == "lipo"


def test_a_board_without_a_battery_pin_has_none_to_judge(board: BareBoard) -> None:
    head = Planned("head", RADIO_HEAD, "Head", "Cellar", {"board": "esp32c3_devkit"})
    with Repl(board.url) as repl:
        found = self_test.run(repl, head, None, press=True)
    assert found.keys() == {"radio"}
