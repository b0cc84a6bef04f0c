"""Which figures of `currents` were found again in what can be read, and which are assumed.

`read`: the figure itself. `alike`: another measurement of the same, which differs by less than a tenth; it
is named. `assumed`: from a data sheet that was not at hand when this was checked, or a guess.
"""

from collections.abc import Iterator

from tools.bench.currents import (
    CELLS,
    CHIPS,
    FROZEN_SHARE,
    LOAD_MS_A_KB,
    LORA,
    READ_BYTE_MS,
    READ_MS,
    STOCK_BOOT_MS,
)
from tools.bench.figures import columns

READ, ALIKE, ASSUMED = "read", "alike", "assumed"
_C3, _S3 = CHIPS["esp32c3"], CHIPS["esp32s3"]

# Figure, value, source, how well it is known.
SOURCES = (
    ("C3 asleep", f"{1000 * _C3.deep_sleep:g} uA", "[C3] 6-7, [NEE]", READ),
    ("C3 running, 160 MHz", f"{_C3.running[160]:g} mA", "[C3] 6-6; [DOB] 26.8", ALIKE),
    ("C3 running, 80 MHz", f"{_C3.running[80]:g} mA", "[C3] 6-6", ASSUMED),
    ("C3 waiting", f"{_C3.idle:g} mA", "[C3] 6-6; [DOB] 20.1", ALIKE),
    ("C3, BLE on", f"{_C3.radio:g} mA", "[77] at 80 MHz: 77", ALIKE),
    ("C3 transmitting", f"{_C3.transmitting:g} mA", "[C3] 6-5", ASSUMED),
    ("C3 in light sleep", f"{1000 * _C3.light_sleep:g} uA", "[C3] 6-7", ASSUMED),
    ("S3 asleep", f"{1000 * _S3.deep_sleep:g} uA", "[S3] 5-10, [LUC]", READ),
    ("S3 running", f"{max(_S3.running.values()):g} mA", "[S3] 5-9; [G20] 67", ALIKE),
    ("S3 waiting", f"{_S3.idle:g} mA", "[S3] 5-9", ASSUMED),
    ("S3, BLE on", f"{_S3.radio:g} mA", "[S3] 6-5", ASSUMED),
    ("S3 transmitting", f"{_S3.transmitting:g} mA", "[S3] 6-5", ASSUMED),
    ("regulator of the modules", "60 nA", "[TPS]", READ),
    ("XIAO ESP32C3 asleep", "44 uA", "[XIAO]", READ),
    ("S3-DevKitC asleep", "7.1 mA", "[WUSN]", ASSUMED),
    ("stock boot to main.py, of an S3", f"{STOCK_BOOT_MS:.1f} ms", "[G20]", READ),
    ("a read of flash", f"{1000 * READ_MS:.0f} us", "[3277]", READ),
    ("each byte of it", f"{1_000_000 * READ_BYTE_MS:.0f} ns", "[3277]", READ),
    ("a kB of the program loaded", f"{LOAD_MS_A_KB:g} ms", "a guess", ASSUMED),
    ("  the same, frozen", f"{FROZEN_SHARE * LOAD_MS_A_KB:g} ms", "a guess", ASSUMED),
    ("BLE started", "200 ms", "a guess, as the shim has it", ASSUMED),
    ("SX1262 asleep, cold, warm", "0.16, 0.6 uA", "[62], [MBED]", READ),
    ("SX1262 standby", f"{LORA['lora standby_rc']:g} mA", "[62]", ASSUMED),
    ("SX1262 receiving, boosted", "4.6, 5.3 mA", "[62]", ASSUMED),
    ("SX1262 at 14 dBm", f"{LORA['lora tx_14']:g} mA", "[62]", ASSUMED),
    ("SX1262 at 22 dBm", f"{LORA['lora tx_22']:g} mA", "[62], [PCB]", READ),
    ("Li-MnO2, lost a year", f"{100 * CELLS['li_mno2']:g} %", "[RAY]", READ),
    ("Li-SOCl2, lost a year", f"{100 * CELLS['li_socl2']:g} %", "Saft", ASSUMED),
    ("alkaline, lost a year", f"{100 * CELLS['alkaline']:g} %", "Energizer", ASSUMED),
    ("Li-ion, lost a year", f"{100 * CELLS['lipo']:g} %", "[DAR]", READ),
)


def table() -> str:
    """Return the figures for people."""
    return columns("What the months rest on (tools/bench/currents.py)", _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    yield "", "value", "source", ""
    yield from SOURCES
