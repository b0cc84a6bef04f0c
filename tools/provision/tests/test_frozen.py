"""An image that has the program frozen in: asked on the board, refused where it is another one.

The board's interpreter is the real one; what its image has frozen in is found by an import with `.frozen`
on the path alone, and by no other (`tools/virtual/bare/frozen.py`).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tools.bench.provision import good
from tools.bench.provision_rig import Bench, planned
from tools.provision import frozen
from tools.provision.frozen import Frozen, check, told
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
    yield made
    made.close()


def asked(board: BareBoard, modules: Mapping[str, bytes]) -> Frozen | None:
    """Flash an image with modules frozen in, and ask the board."""
    board.unplug()
    board.flash.erase(0, board.flash.size)
    board.flash.program(0, firmware(ESP32C3, 4, frozen=modules))
    board.plug()
    with Repl(board.url) as repl:
        return told(repl)


def test_the_board_tells_what_its_image_has_frozen_in(board: BareBoard) -> None:
    assert asked(board, frozen.tree()) == frozen.ours()
    assert asked(board, {}) is None  # it is gone with the image


def test_a_file_of_that_name_is_nothing_frozen(board: BareBoard) -> None:
    asked(board, {})
    (board.files / "frozen_program.py").write_bytes(frozen.tree()["frozen_program.py"])
    with Repl(board.url) as repl:
        assert told(repl) is None
        assert repl.run("import frozen_program\nprint(frozen_program.ROLES)")


def test_its_digest_is_that_of_every_source() -> None:
    modules = frozen.tree()
    assert {"firmware/start.py", "protocol/frame.py", "frozen_program.py"} <= modules.keys()
    assert not any(name.endswith("main.py") for name in modules)
    assert set(frozen.ours().roles) == {"panic_button", "call_box", "radio_head"}
    assert "esp32c3_devkit" in frozen.ours().boards


def test_another_role_board_or_version_is_refused_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")
    ours, device = frozen.ours(), planned(1)
    check(ours, device)
    for found, sentence, remedy in (
        (Frozen(("call_box",), ours.boards, ours.digest), "frozen_other_role", "stock image"),
        (Frozen(ours.roles, ("heltec_v3",), ours.digest), "frozen_other_board", "build it anew"),
        (Frozen(ours.roles, ours.boards, "0" * 64), "frozen_other_version", "build it anew"),
    ):
        with pytest.raises(Stopped, match=remedy) as refused:
            check(found, device)
        assert refused.value.sentence == sentence


@pytest.mark.slow
def test_a_board_with_the_program_in_its_image_gets_nothing_but_main_and_what_is_its_own(
    tmp_path: Path,
) -> None:
    with Bench(tmp_path, 1) as rig:
        rig.image.write_bytes(firmware(ESP32C3, 64, frozen=frozen.tree()))
        assert [one.device for one in rig.run()] == ["button-01"], rig.screen.told
        assert good(rig)
        board = rig.boards[0]
        assert [path.name for path in board.files.rglob("*")] == ["main.py"]
        assert board.nvs.get("tocsin", "settings", "blob") is not None
        program = json.loads(rig.journal.path("button-01").read_text())["program"]
        assert (program["frozen"], program["sha256"]) == (True, frozen.ours().digest)
        log = (tmp_path / "board-1" / "board-1.log").read_text()
        assert "Traceback" not in log


@pytest.mark.slow
def test_an_image_of_another_version_is_refused_before_a_key_is_given(tmp_path: Path) -> None:
    modules = frozen.tree()
    other = modules["frozen_program.py"].replace(frozen.ours().digest.encode(), b"0" * 64)
    with Bench(tmp_path, 1) as rig:
        rig.image.write_bytes(firmware(ESP32C3, 64, frozen={**modules, "frozen_program.py": other}))
        assert [one.device for one in rig.run()] == [None]
        assert "another version" in rig.screen.told[0]
        assert not rig.keys.issued
