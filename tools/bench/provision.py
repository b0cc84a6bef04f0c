"""How long a board takes beyond its transfer, what a batch adds, and boards whose cable is pulled.

The boards are virtual, esptool and mpremote are the real ones. The line takes the time of its bits: 921,600
baud while MicroPython is written, 115,200 at its console. What is more than that is our own: programs that
start, resets, waiting. A cable is pulled after a random byte of a run; then it is plugged in again, and
the same command must make a board whose program runs, with its key and its record.
"""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from firmware.core import records
from tools.bench.figures import Figures, columns, write
from tools.bench.provision_rig import Bench, planned
from tools.flashed import flashed

IMAGE_KIB = 1_500  # a stock image of MicroPython 1.29 for a C3 has some 1.8 MB, 1.1 MB compressed
MOST_OWN_S, MOST_RATIO = 10.0, 1.3
TRIALS, QUICK_TRIALS = 100, 4
_AT_ONCE = 4
_RETRIES = 1  # one command is all a board may need


def bench(json_path: Path | None, *, quick: bool = False, trials: int | None = None) -> int:
    """Measure, print, return the exit status: 0 where the bars are met."""
    flashed("panic_button")  # linked before anybody looks at a clock
    with TemporaryDirectory() as folder:
        figures = measure(Path(folder), trials or (QUICK_TRIALS if quick else TRIALS))
    print(_text(figures))
    if json_path:
        write(json_path, figures)
    return 0 if met(figures) else 1


def measure(folder: Path, trials: int) -> Figures:
    """Return all figures."""
    one_s, own_s = timed(folder / "one", 1)
    four_s, _ = timed(folder / "four", 4)
    lost, recovered = unplugged(folder / "unplugged", trials)
    return {
        "own_seconds_per_board": round(own_s, 2),
        "batch4_vs_one": round(four_s / one_s, 3),
        "one_board_s": round(one_s, 2),
        "batch4_s": round(four_s, 2),
        "unplug_trials": trials,
        "unplug_lost": lost,
        "unplug_recovered": recovered,
    }


def met(figures: Figures) -> bool:
    """Say whether the bars are met."""
    return (
        figures["own_seconds_per_board"] <= MOST_OWN_S
        and figures["batch4_vs_one"] <= MOST_RATIO
        and figures["unplug_recovered"] == figures["unplug_trials"]
    )


def timed(folder: Path, boards: int) -> tuple[float, float]:
    """Provision boards at the same time; return seconds, and those beyond the longest transfer."""
    folder.mkdir()
    with Bench(folder, boards, image_kib=IMAGE_KIB, paced=True) as rig:
        begin_s = time.monotonic()
        ended = rig.run()
        took_s = time.monotonic() - begin_s
        if not all(one.device for one in ended):
            raise RuntimeError("; ".join(rig.screen.told))
        return took_s, took_s - max(board.busy_s for board in rig.boards)


def unplugged(folder: Path, trials: int) -> tuple[int, int]:
    """Pull cables; return how many runs that stopped, and how many boards were good after one more."""
    folder.mkdir()
    (folder / "whole").mkdir()
    with Bench(folder / "whole", 1) as rig:
        rig.run()
        whole = rig.boards[0].received_bytes
    chance = random.Random(1)
    places = [(folder / f"trial-{number}", chance.randrange(whole)) for number in range(trials)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ended = list(pool.map(lambda place: _trial(*place), places))
    return sum(lost for lost, _ in ended), sum(good for _, good in ended)


def _trial(folder: Path, after: int) -> tuple[bool, bool]:
    """Pull a cable after some bytes; return whether that stopped the run, and whether the board is good."""
    folder.mkdir()
    with Bench(folder, 1) as rig:
        board = rig.boards[0]
        board.faults.unplug_after = after
        first = rig.run()
        board.plug()
        for _ in range(_RETRIES):
            rig.run()
        recovered = good(rig)
        if not recovered:
            print(f"unplugged after {after} bytes: {rig.screen.told}")
        return first[0].device is None, recovered


def good(rig: Bench) -> bool:
    """Say whether the only board has its program, running, its key and settings, and a record."""
    board = rig.boards[0]
    device = planned(1)
    identity = rig.keys.boards.get(board.mac.hex(":"))
    secret = board.nvs.get("tocsin", "secret", "blob")
    if identity is None or not isinstance(secret, bytes):
        return False
    held = records.unpack_secret(secret)
    has_key = held is not None and held[0] == identity.key
    return has_key and rig.journal.has(device.id) and board.python.runs_a_program


def _text(figures: Figures) -> str:
    rows = [("", "measured", "bar")]
    bars = {
        "own_seconds_per_board": f"{MOST_OWN_S:g}",
        "batch4_vs_one": f"{MOST_RATIO:g}",
        "unplug_recovered": f"{figures['unplug_trials']}",
    }
    rows += [(name, f"{value:g}", bars.get(name, "")) for name, value in figures.items()]
    return columns("Provisioning virtual boards", rows)
