"""Boards become devices, also where their cable is pulled, their line is bad or they are the wrong ones."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.core import records, settings
from tools.bench.provision import good
from tools.bench.provision_rig import BATTERY_MV, Bench, Table, planned, put_battery
from tools.provision import steps
from tools.provision.round_trip import WEAK_DBM
from tools.virtual.bare.board import BareBoard
from tools.virtual.bare.rom_chip import ESP32S3

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:set(Daemon|Name).. is deprecated:DeprecationWarning"),
]
DONE = ["button-01"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path, 1) as rig:
        yield rig


def blob(board: BareBoard, key: str) -> bytes:
    found = board.nvs.get("tocsin", key, "blob")
    assert isinstance(found, bytes)
    return found


def run(bench: Bench) -> list[str | None]:
    return [one.device for one in bench.run()]


def unplug_at(bench: Bench, step: str) -> None:
    def pull(name: str) -> None:
        if name == step:
            bench.screen.on_step = lambda _step: None
            bench.boards[0].unplug()

    bench.screen.on_step = pull


def test_a_board_becomes_the_device_of_the_plan(bench: Bench) -> None:
    assert run(bench) == DONE, bench.screen.told
    board, identity = bench.boards[0], bench.keys.issued[0]
    assert good(bench)
    held = records.unpack_secret(blob(board, "secret"))
    assert held is not None
    assert held[0] == identity.key
    for name in settings.NAMES:
        found = settings.unpack(blob(board, name))
        assert not found.broken()
        assert found.hold_ms == 701
    record = json.loads(bench.journal.path("button-01").read_text())
    assert record["steps"] == list(steps.NAMES)
    tested = record["self_test"]
    assert tested["pressed_after_s"] >= 0
    assert tested["battery"]["mv"] == pytest.approx(BATTERY_MV, abs=50)
    assert tested["battery"]["chemistry"] == "li_mno2"
    assert tested["radio"] == {"address": board.mac.hex(), "round_trip": False}
    assert "no radio round trip" in bench.screen.told[0]
    assert [step for _, step in bench.screen.seen] == list(steps.NAMES)
    assert_no_key_on_disk(bench, identity.key)


def assert_no_key_on_disk(bench: Bench, key: bytes) -> None:
    folder = bench.image.parent
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in files)
    told = " ".join(bench.screen.told).encode()
    for content in (told, *(path.read_bytes() for path in files)):
        assert key not in content
        assert key.hex().encode() not in content.lower()


@pytest.mark.parametrize("step", steps.NAMES[:-1])
def test_one_more_command_makes_a_good_board_of_one_unplugged_at(bench: Bench, step: str) -> None:
    unplug_at(bench, step)
    assert run(bench) == [None]
    assert not bench.journal.has("button-01")
    bench.boards[0].plug()
    assert run(bench) == DONE, bench.screen.told
    assert good(bench)


def test_what_is_there_already_is_not_done_again(bench: Bench) -> None:
    unplug_at(bench, "settings")
    run(bench)
    board = bench.boards[0]
    board.plug()
    board.nvs.set("other", "key", "i32", 7)
    before = board.received_bytes
    bench.screen.seen.clear()
    assert run(bench) == DONE
    assert "flash" not in [step for _, step in bench.screen.seen]
    assert board.received_bytes - before < 30_000  # neither image nor program
    assert board.nvs.get("other", "key", "i32") == 7


def test_a_key_is_never_given_twice(bench: Bench) -> None:
    unplug_at(bench, "start")
    run(bench)
    bench.boards[0].plug()
    run(bench)
    first, second = bench.keys.issued
    assert first.key != second.key
    held = records.unpack_secret(blob(bench.boards[0], "secret"))
    assert held is not None
    assert held[0] == second.key


def test_a_board_whose_program_runs_is_begun_anew(bench: Bench) -> None:
    run(bench)
    bench.journal.path("button-01").unlink()
    assert run(bench) == DONE, bench.screen.told
    assert good(bench)


def test_a_board_with_another_chip_than_the_plan_is_refused_before_it_is_touched(
    tmp_path: Path,
) -> None:
    with Bench(tmp_path, 1) as rig:
        rig.boards[0].close()
        rig.boards[0] = BareBoard(tmp_path / "s3", ESP32S3)
        assert run(rig) == [None]
        assert "ESP32_GENERIC_S3" in rig.screen.told[0]
        assert rig.boards[0].flash.read(0, 4096) == b"\xff" * 4096


def test_flash_that_is_too_small_is_refused(tmp_path: Path) -> None:
    with Bench(tmp_path, 1) as rig:
        rig.boards[0].close()
        rig.boards[0] = BareBoard(tmp_path / "small", flash_mb=2)
        assert run(rig) == [None]
        assert "needs 4 MB" in rig.screen.told[0]
        assert not rig.journal.has("button-01")


def test_a_file_system_that_is_full_is_said_to_be(tmp_path: Path) -> None:
    with Bench(tmp_path, 1) as rig:
        rig.boards[0].close()
        rig.boards[0] = BareBoard(tmp_path / "full", files_room=20_000)
        assert run(rig) == [None]
        assert "no room" in rig.screen.told[0]


def test_a_board_that_nobody_presses_has_no_record(tmp_path: Path) -> None:
    with Bench(tmp_path, 1) as rig:
        rig.boards[0].close()
        rig.boards[0] = BareBoard(tmp_path / "alone")
        assert run(rig) == [None]
        assert "Nobody pressed" in rig.screen.told[0]
        assert not rig.journal.has(planned(1).id)


def test_hurt_bytes_are_repeated_until_they_arrive(bench: Bench) -> None:
    disturbed = ("copy", "identity", "settings")

    def hurt(name: str) -> None:
        bench.boards[0].faults.garbage = 0.0005 if name in disturbed else 0.0

    bench.screen.on_step = hurt
    assert run(bench) == DONE, bench.screen.told
    assert good(bench)


def test_a_console_without_raw_paste_will_do(tmp_path: Path) -> None:
    with Bench(tmp_path, 1) as rig:
        rig.boards[0].close()
        rig.boards[0] = BareBoard(tmp_path / "old", pastes=False)
        rig.boards[0].press_when_asked(6, 3)
        put_battery(rig.boards[0], BATTERY_MV)
        assert run(rig) == DONE, rig.screen.told


def test_boards_on_a_table_are_heard_by_its_head_and_hear_it(tmp_path: Path) -> None:
    with Table(tmp_path) as table, Bench(tmp_path, 2, table=table) as rig:
        assert sorted(map(str, run(rig))) == ["button-01", "button-02"], rig.screen.told
        for device in ("button-01", "button-02"):
            radio = json.loads(rig.journal.path(device).read_text())["self_test"]["radio"]
            assert radio["round_trip"]
            assert min(radio["up_dbm"], radio["down_dbm"]) >= WEAK_DBM
        assert not any("round trip" in told for told in rig.screen.told)


def test_a_board_with_a_flat_battery_has_no_record_until_it_has_a_good_one(bench: Bench) -> None:
    put_battery(bench.boards[0], 2_500)
    assert run(bench) == [None]
    assert "too little for li_mno2" in bench.screen.told[0]
    assert not bench.journal.has("button-01")
    put_battery(bench.boards[0], BATTERY_MV)
    assert run(bench) == DONE


def test_boards_of_a_batch_become_devices_each(tmp_path: Path) -> None:
    with Bench(tmp_path, 3) as rig:
        assert sorted(map(str, run(rig))) == ["button-01", "button-02", "button-03"]
        assert len({identity.key for identity in rig.keys.boards.values()}) == 3
