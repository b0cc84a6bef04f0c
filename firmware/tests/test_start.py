"""What happens around a program: start, failure, pause, maintenance. The programs here are of the test."""

import itertools
import shutil
from pathlib import Path
from typing import Self

import pytest

from firmware.core import settings
from firmware.core.health import Health
from protocol.causes import DELIBERATE, EXCEPTION, NO_RESET, POWER_UP, WATCHDOG
from tools.virtual.chips import C3, S3, Chip
from tools.virtual.device import Device, Power
from tools.virtual.line import DeviceDied
from tools.virtual.world import World

ROOT = Path(__file__).resolve().parents[2]
NOT_ON_A_BOARD = shutil.ignore_patterns("tests", "model", "__pycache__", "*.md")
SAYS = (
    "from firmware import life\n"
    "from firmware.hal import clock, power\n"
    "def run(settings, board):\n"
    "    health = life.health\n"
    "    print('up', health.cause, health.failures, clock.seconds())\n"
)
FAILS = SAYS + "    raise ValueError('no good')\n"
WORKS = SAYS + "    power.deep_sleep(10_000, [])\n"
RESTARTS = SAYS + "    life.told()\n    life.restart()\n"
MAINTENANCE = {C3: 9, S3: 21}
BOARDS = {C3: "esp32c3_devkit", S3: "esp32s3_devkit"}


class Started:
    """A board whose program is `source`."""

    def __init__(self, folder: Path, source: str | None, chip: Chip = C3) -> None:
        tree = folder / "tree"
        for package in ("firmware", "protocol"):
            shutil.copytree(ROOT / package, tree / package, ignore=NOT_ON_A_BOARD)
        self.program = tree / "firmware" / "panic_button.py"
        if source is None:
            self.program.unlink()
        else:
            self.program.write_text(source)
        self.tree = tree
        self.world = World(folder, firmware=tree)
        self.device: Device = self.world.device("board", chip)
        stored = settings.pack({"role": "panic_button", "board": BOARDS[chip]})
        self.device.nvs.set("tocsin", "settings", "blob", stored)
        self._log = folder / "board.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    def run(self, seconds: float) -> list[list[int]]:
        """Let it run on; return cause, failures and second of each start of the program so far."""
        self.device.power_on()
        self.world.run_for(seconds)
        lines = self._log.read_text().splitlines()
        return [[int(word) for word in line.split()[1:]] for line in lines if line[:3] == "up "]


def test_a_program_is_run_and_a_wake_is_no_reset(tmp_path: Path) -> None:
    with Started(tmp_path, WORKS) as started:
        starts = started.run(25)
        assert [start[:2] for start in starts] == [[POWER_UP, 0]] * 3


def test_a_cause_that_was_told_is_told_no_more(tmp_path: Path) -> None:
    told = WORKS.replace("    power.", "    life.told()\n    power.")
    with Started(tmp_path, told) as started:
        assert [start[0] for start in started.run(25)] == [POWER_UP, NO_RESET, NO_RESET]


def test_a_deliberate_reset_is_told_from_all_others_and_never_pauses(tmp_path: Path) -> None:
    with Started(tmp_path, RESTARTS) as started:
        starts = started.run(3)
        assert len(starts) > 5
        assert [start[:2] for start in starts[1:]] == [[DELIBERATE, 0]] * (len(starts) - 1)


def test_a_failing_program_is_started_ever_more_slowly_and_the_digest_is_kept(
    tmp_path: Path,
) -> None:
    with Started(tmp_path, FAILS) as started:
        starts = started.run(2 * 3_600)
        assert [start[0] for start in starts] == [POWER_UP] + [EXCEPTION] * (len(starts) - 1)
        gaps = [b[2] - a[2] for a, b in itertools.pairwise(starts)]
        assert max(gaps[:3]) <= 1
        for gap, pause_s in zip(gaps[3:], (1, 4, 16, 64, 256, 1_024, 3_600), strict=False):
            assert pause_s <= gap <= pause_s + 2  # and the boot, twice
        assert len(starts) == 11
        assert started.device.power is Power.SLEEPING
        health = Health()
        record = started.device.memories.rtc[98:115]
        health.start(record, 0, power_up=False, woken=True, watchdog=False)
        assert health.digest > 0


def test_a_touch_ends_a_pause_for_one_more_try_and_a_stuck_contact_does_not(
    tmp_path: Path,
) -> None:
    with Started(tmp_path, FAILS) as started:
        before = len(started.run(300))
        started.device.drive(3, 0)
        started.world.run_for(1.5)
        assert len(started.run(0)) == before + 1
        touched = len(started.run(100))
        assert touched <= before + 2, "the contact is still closed"


@pytest.mark.parametrize("damage", ["missing", "no sense", "no board"])
def test_what_cannot_be_loaded_is_a_failure_like_any_other(tmp_path: Path, damage: str) -> None:
    source = None if damage == "missing" else "def run(:\n"
    with Started(tmp_path, source) as started:
        if damage == "no board":
            values: settings.Values = {"board": "none_such"}
            started.device.nvs.set("tocsin", "settings", "blob", settings.pack(values))
        started.run(600)
        assert started.device.boots < 20
        assert started.device.power is Power.SLEEPING


@pytest.mark.parametrize("damage", ["no start", "not to be loaded"])
def test_a_tree_that_cannot_start_at_all_sleeps_between_tries(tmp_path: Path, damage: str) -> None:
    with Started(tmp_path, WORKS) as started:
        start = started.tree / "firmware" / "start.py"
        if damage == "no start":
            start.unlink()
        else:
            start.write_text("raise ValueError('incompatible .mpy file')\n")
        started.run(3_000)
        assert started.device.boots == 5
        assert started.device.power is Power.SLEEPING


def test_a_watchdog_that_is_not_fed_is_the_cause_of_the_next_start(tmp_path: Path) -> None:
    hangs = SAYS + (
        "    import time\n"
        "    from firmware.hal.watchdog import Watchdog\n"
        "    Watchdog(5_000).feed()\n"
        "    time.sleep(100)\n"
    )
    with Started(tmp_path, hangs) as started:
        assert [start[:2] for start in started.run(12)] == [
            [POWER_UP, 0],
            [WATCHDOG, 1],
            [WATCHDOG, 2],
        ]


@pytest.mark.parametrize("chip", [C3, S3])
def test_a_held_maintenance_pin_leaves_the_board_to_the_console(tmp_path: Path, chip: Chip) -> None:
    with Started(tmp_path, WORKS, chip) as started:
        started.device.drive(MAINTENANCE[chip], 0)
        with pytest.raises(DeviceDied):  # the end of main.py: on a board, the console
            started.run(2)
        assert (tmp_path / "board.log").read_text() == ""


@pytest.mark.slow
def test_the_console_is_reached_by_no_other_way(tmp_path: Path) -> None:
    """Whatever else a program does, it ends in a reset or in sleep."""
    for number, end in enumerate(("    return\n", "    raise MemoryError\n", "    1 // 0\n")):
        with Started(tmp_path / str(number), SAYS + end) as started:
            started.run(5)
            assert started.device.boots > 3


def test_a_power_above_what_the_board_may_give_is_cut_and_reported(tmp_path: Path) -> None:
    prints = SAYS + (
        "    print('up', settings.lora_dbm, int(settings.refused == ('lora_dbm',)), 0)\n"
        "    power.deep_sleep(10_000, [])\n"
    )
    with Started(tmp_path, prints) as started:
        stored = settings.pack({"board": "esp32c3_lora", "lora_dbm": 27})
        started.device.nvs.set("tocsin", "settings", "blob", stored)
        assert started.run(1)[1] == [22, 1, 0]


def test_what_only_the_start_needs_is_let_go_of(tmp_path: Path) -> None:
    """Each module is a KB or more of the heap; what is let go of can be loaded again."""
    prints = SAYS + (
        "    import sys\n"
        "    for name in ('firmware.core.settings', 'firmware.core.copies', 'firmware.boards.pins'):\n"
        "        print('up', int(name in sys.modules), 0, 0)\n"
        "    import firmware.core.settings\n"
        "    print('up', int('firmware.core.settings' in sys.modules), 0, 0)\n"
        "    power.deep_sleep(10_000, [])\n"
    )
    with Started(tmp_path, prints) as started:
        assert [line[0] for line in started.run(1)[1:]] == [0, 0, 0, 1]


def test_two_copies_of_the_settings_and_the_newer_counts(tmp_path: Path) -> None:
    prints = SAYS + "    print('up', settings.hold_ms, 0, 0)\n    power.deep_sleep(10_000, [])\n"
    with Started(tmp_path, prints) as started:
        newer = settings.pack({"board": BOARDS[C3], "hold_ms": 1_234}, sequence=2)
        started.device.nvs.set("tocsin", "settings2", "blob", newer)
        assert started.run(1)[1] == [1_234, 0, 0]
        started.device.nvs.set("tocsin", "settings2", "blob", newer[:-1])
        assert started.run(11)[3] == [800, 0, 0]
