"""Months on a battery: states the virtual bench really saw, times the currents of data sheets.

The firmware runs unmodified through days of virtual time, a gateway answers or none, and what `Energy` has
counted is multiplied with `currents.loads`. Deep sleep counts by the interval, a heartbeat by what one
costs on average: the random rhythm of a worn device is no error of the result. A wake is charged at what
is published, not at what the virtual chip takes, and with it what the program's imports read from flash.
Months are rounded down.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import floor
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench.current_sources import table
from tools.bench.currents import (
    BLE_START_MS,
    BLE_START_RADIO_MS,
    BOARDS,
    CELLS,
    FROZEN_BOOT_MS,
    STOCK_BOOT_MS,
    idle_loads,
    loads,
)
from tools.bench.figures import Figures, columns, write
from tools.bench.import_cost import import_costs
from tools.bench.worn_states import Beat, Case, alert_hour, box_hour, charge_mas, heartbeats
from tools.firmware_build import HOSTS, build_role
from tools.virtual.energy import AWAKE, BLE, SLEEP

CAPACITY_MAH = 1000.0
LEAST_MONTHS = 24.0  # for an ESP32-C3 at 15 minutes with stock boot

_HOURS_A_MONTH = 365.25 * 24 / 12
_MAS_PER_MAH = 3600.0
_BEATS = 128  # each page of the heartbeat 16 times


_C3 = Case()


@dataclass(frozen=True)
class Life:
    """One line of the table: whose heartbeats, how the program came onto the board, on what power."""

    key: str
    what: str
    case: Case = _C3
    wake: str = "stock"
    wakes: int = 1  # how many times the wake is charged
    board: str = "c3 module"
    cell: str = "li_mno2"
    modem_sleep: bool = False


_S3 = Case(chip="esp32s3", board="esp32s3_devkit")
_LORA = partial(Case, board="esp32c3_lora", by_lora=True)
LIVES = (
    Life("c3_1000mah_15min", "ESP32-C3, 15 min"),
    Life("c3_1000mah_5min", "ESP32-C3, 5 min", Case(interval_s=300)),
    Life("c3_15min_nobody", "  no gateway ever answers", Case(by_ble=False)),
    Life("c3_15min_doubled_wake", "  the whole wake takes twice as long", wakes=2),
    Life("c3_15min_not_linked", "  each module a file of its own", wake="apart"),
    Life("c3_15min_frozen", "  the program frozen", wake="frozen"),
    Life(
        "c3_15min_modem_sleep",
        "  the same, with modem sleep built",
        wake="frozen",
        modem_sleep=True,
    ),
    Life("c3_15min_alkaline", "  alkaline cells", cell="alkaline"),
    Life("c3_15min_lipo", "  Li-ion cell", cell="lipo"),
    Life("c3_lora_15min", "ESP32-C3 with LoRa, 15 min, by BLE", _LORA()),
    Life("c3_lora_only_15min", "  a gateway by LoRa alone", _LORA(by_ble=False)),
    Life("s3_1000mah_15min", "ESP32-S3, 15 min", _S3, board="s3 module"),
    Life("c3_xiao_15min", "Seeed XIAO ESP32C3, 15 min", board="xiao c3"),
    Life("s3_devkit_15min", "ESP32-S3-DevKitC, 15 min", _S3, board="s3 devkit"),
)


def months(average_ma: float, lost_a_year: float) -> float:
    """Return how long a cell lasts that loses a share of its capacity each year by itself."""
    lost_ma = CAPACITY_MAH * lost_a_year / (12 * _HOURS_A_MONTH)
    return CAPACITY_MAH / (average_ma + lost_ma) / _HOURS_A_MONTH


def wakes_ms() -> dict[str, float]:
    """Return how long a wake takes until the program runs, by how it came onto the board."""
    linked, apart = import_costs("panic_button", "esp32c3_devkit")
    return {
        "stock": STOCK_BOOT_MS + linked.ms,
        "apart": STOCK_BOOT_MS + apart.ms,
        "frozen": FROZEN_BOOT_MS + linked.frozen_ms,
    }


def judge(life: Life, beat: Beat, wake_ms: float) -> tuple[float, float]:
    """Return what a heartbeat takes in mA x s, and the months of a life."""
    draws = loads(BOARDS[life.board], modem_sleep=life.modem_sleep)
    start_mas = (draws[AWAKE] * BLE_START_MS + draws[BLE] * BLE_START_RADIO_MS) / 1000
    mas = beat.mas(draws, life.wakes * wake_ms) + (life.wakes - 1) * start_mas
    average_ma = draws[SLEEP] + mas / life.case.interval_s
    return mas, months(average_ma, CELLS[life.cell])


def lives(firmware: Path, beats: int) -> Iterator[tuple[Life, float, float]]:
    """Yield each line with its charge and its months; each case is run once."""
    seen: dict[Case, Beat] = {}
    wakes = wakes_ms()
    for life in LIVES:
        if life.case not in seen:
            seen[life.case] = heartbeats(firmware, life.case, beats)
        yield life, *judge(life, seen[life.case], wakes[life.wake])


def bench(json_path: Path | None, beats: int = _BEATS) -> int:
    """Print the table; return 1 where the bar is missed."""
    with TemporaryDirectory(prefix="tocsin-battery-") as scratch:
        button, box = Path(scratch) / "button", Path(scratch) / "box"
        build_role(button, "panic_button", HOSTS[0])
        build_role(box, "call_box", HOSTS[0])
        found = list(lives(button, beats))
        alert = alert_hour(button, Case(by_ble=False))
        waiting = box_hour(box)
    alert_mah = charge_mas(alert, loads(BOARDS["c3 module"])) / _MAS_PER_MAH
    box_mah = charge_mas(waiting, idle_loads(BOARDS["s3 module"])) / _MAS_PER_MAH
    lines = [("", "mA s a heartbeat", "months")]
    lines += [(life.what, f"{mas:.1f}", f"{floor(10 * long) / 10}") for life, mas, long in found]
    title = f"Life on {CAPACITY_MAH:.0f} mAh, by the currents of tools/bench/currents.py"
    print(columns(title, lines))
    print(f"  an hour of an alert that nobody hears: {alert_mah:.0f} mAh")
    print(
        f"  a call box without its mains: {CAPACITY_MAH / box_mah:.1f} h on {CAPACITY_MAH:.0f} mAh"
    )
    print(table())
    figures: Figures = {f"{life.key}_months": floor(10 * long) / 10 for life, _, long in found} | {
        "c3_alert_hour_mah": round(alert_mah, 1),
        "call_box_1000mah_h": round(CAPACITY_MAH / box_mah, 1),
    }
    if json_path is not None:
        write(json_path, figures)
    return 0 if figures["c3_1000mah_15min_months"] >= LEAST_MONTHS else 1
