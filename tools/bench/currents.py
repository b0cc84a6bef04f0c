"""What each state of a board draws, and where the figure is from.

    [C3]   ESP32-C3-MINI-1 & MINI-1U Datasheet v2.2, tables 6-4 to 6-7 (3.3 V, 25 C)
    [S3]   ESP32-S3 Series Datasheet v2.2, tables 5-9, 5-10; ESP32-S3-WROOM-1 Datasheet v1.8, table 6-5
    [77]   github.com/espressif/arduino-esp32/issues/5909: an ESP32-C3-WROOM-02 at 80 MHz that advertises
           by BLE takes 77 mA where its controller has no modem sleep, 25 mA where it has
    [G20]  github.com/glenn20/upy-esp32-experiments, OptimisingMicropythonBootTime: an S3 under a power
           profiler, wake to app_main 47.0 ms, NVS 7.8 ms, to _boot.py 0.8 ms, file system and main.py
           350 ms and 23.6 mC, which are 67 mA; the check of the image, 217 ms, is gone since MicroPython
           1.21 (its pull 12252)
    [62]   Semtech SX1261/2 data sheet rev. 2.1, tables 3-4 and 3-5: SX1262, regulator DC-DC, 868 MHz
    [MBED] mbed-os, components/lora/COMPONENT_SX126X/SleepMode.txt: 160 nA asleep with a cold start, 600 nA
           with a warm one
    [PCB]  BerkeleyHCI/PolymorphicBlocks, Sx1262: 160 nA when off to 118 mA at the highest power
    [TPS]  Texas Instruments TPS62840 data sheet: 60 nA quiescent (as distributors have it for the family).
           From a cell above 3.6 V it takes less than it gives to the chip; here a mA is a mA
    [XIAO] Seeed, "Introduction of Power Consumption Mode for XIAO ESP32C3": 44 uA in deep sleep
    [WUSN] github.com/ComNets-Bremen/WUSN, MoleNet V6: an ESP32-S3-DevKitC at 5 V, 7.1 mA in deep sleep, its
           light removed
    [3277] github.com/espressif/esp-idf/issues/3277: reads of flash below a file system, 736 of 106,816
           bytes together in 80.948 ms, 39,272 of 4,741,268 bytes in 4,221.83 ms
    [DOB]  robdobson.com/2023/11, "Investigating ESP32-C3 Power Management": a C3 at 160 MHz takes 26.8 mA
           in an empty loop, 20.1 mA in one that waits
    [LUC]  lucidar.me, "Power consumption of ESP32-S3-DevKitM-1": 8 uA in deep sleep at 3.3 V
    [NEE]  joe.neeman.me/posts/sleep: the ESP32-C3 data sheet has 5 uA in deep sleep
    [RAY]  rayovac.com, questions about lithium-manganese dioxide: 1.5 % of the capacity a year
    [DAR]  daviddarling.info, self discharge: lithium, rechargeable, 2 to 3 % a month

What of this could be read again is told from what is taken on trust by `current_sources`, which
`tocsin bench battery` prints.

Stock MicroPython builds its Bluetooth controller without modem sleep (`CONFIG_BT_CTRL_MODEM_SLEEP` is off
by default, and ports/esp32/boards/sdkconfig.ble does not set it): while it is on, the radio has power,
whether it listens or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.virtual.energy import AWAKE, BLE, BLE_SCAN, BLE_TX, BOOT, LIGHT_SLEEP, SLEEP

STOCK_BOOT_MS = 47.0 + 7.8 + 0.8 + 350.0  # [G20]
FROZEN_BOOT_MS = 47.0 + 7.8 + 0.8 + 1.0  # [G20]: a program frozen beside _boot.py
# A read of flash below a file system of an ESP32, and each byte of it, by the two figures of [3277].
READ_BYTE_MS = (80.948 / 736 - 4221.83 / 39272) / (106_816 / 736 - 4_741_268 / 39_272)
READ_MS = 80.948 / 736 - READ_BYTE_MS * 106_816 / 736
# What it takes the CPU to load a kB of .mpy. Nobody has published it for a C3: a guess, until somebody
# measures it on a board. What it matters is less than the line of the table where the whole wake takes
# twice as long. A frozen program is only run, which is a guess as well.
LOAD_MS_A_KB = 2.0
FROZEN_SHARE = 0.25
# MicroPython's BLE().active(True), and from when on the radio is powered: as the shim has it.
BLE_START_MS, BLE_START_RADIO_MS = 200.0, 168.0


@dataclass(frozen=True, slots=True)
class Chip:
    """mA at 3.3 V and 25 C."""

    deep_sleep: float
    light_sleep: float
    running: Mapping[int, float]  # by MHz, modem off
    idle: float  # at the clock of the start
    radio: float  # with BLE on and no modem sleep
    transmitting: float


CHIPS = {
    "esp32c3": Chip(
        deep_sleep=0.005,  # [C3] 6-7: RTC timer and RTC memory
        light_sleep=0.130,  # [C3] 6-7
        # [C3] 6-6: with the clocks of all peripherals on
        running={160: 28.0, 80: 22.0},
        idle=21.0,
        radio=83.0,  # [77], and 6 mA more at 160 MHz ([C3] 6-6); [C3] 6-5 has the peak: 86
        transmitting=190.0,  # [C3] 6-5: +9 dBm, the controller's default
    ),
    "esp32s3": Chip(
        deep_sleep=0.008,  # [S3] 5-10: RTC memory and RTC peripherals on
        light_sleep=0.240,  # [S3] 5-10
        # [S3] 5-9: one core running, or both waiting; with the clocks of all peripherals on
        running={240: 65.9, 160: 54.6, 80: 42.6},
        idle=47.6,
        radio=93.0,  # [S3] 6-5: receiving, peak
        transmitting=202.0,  # [S3] 6-5: +9 dBm
    ),
}


@dataclass(frozen=True, slots=True)
class Board:
    """A chip, and the mA of all that stands beside it for ever."""

    chip: str
    beside: float


BOARDS = {
    "c3 module": Board("esp32c3", 0.00006),  # [TPS]
    "xiao c3": Board("esp32c3", 0.044 - 0.005),  # [XIAO]
    "s3 module": Board("esp32s3", 0.00006),  # [TPS]
    "s3 devkit": Board("esp32s3", 7.1 - 0.008),  # [WUSN]
}


# What a cell loses by itself in a year.
CELLS = {
    "li_mno2": 0.015,  # [RAY]; Panasonic's handbook has 1 % for its CR series
    "li_socl2": 0.01,  # Saft LS 14500: under 1 % at 20 C
    "alkaline": 0.03,  # Energizer, alkaline handbook: 85 % are left after 5 years
    "lipo": 0.30,  # [DAR], with its protection circuit
}
# mA of the SX1262 by the states of `tools.virtual.sx1262_states` [62]
LORA = {
    "lora sleep_cold": 0.00016,
    "lora sleep_warm": 0.0006,
    "lora standby_rc": 0.6,
    "lora standby_xosc": 0.8,
    "lora fs": 2.1,
    "lora rx": 4.6,
    "lora rx_boosted": 5.3,
    **{f"lora tx_{dbm}": 90.0 for dbm in range(-9, 15)},
    **{f"lora tx_{dbm}": 118.0 for dbm in range(15, 23)},
}


def loads(board: Board, *, modem_sleep: bool = False) -> dict[str, float]:
    """Return mA of each state of `tools.virtual.energy`, on top of each other."""
    chip = CHIPS[board.chip]
    running = max(chip.running.values())
    radio = chip.radio - running
    return {
        SLEEP: chip.deep_sleep + board.beside,
        LIGHT_SLEEP: chip.light_sleep + board.beside,
        BOOT: running + board.beside,
        AWAKE: running + board.beside,
        BLE: 0.0 if modem_sleep else radio,
        BLE_SCAN: radio if modem_sleep else 0.0,
        BLE_TX: chip.transmitting - running - (0.0 if modem_sleep else radio),
        **{f"{mhz} MHz": ma - running for mhz, ma in chip.running.items()},
        **LORA,
    }


def idle_loads(board: Board) -> dict[str, float]:
    """Return the same of a board that is always awake, and mostly waits."""
    chip = CHIPS[board.chip]
    spared = max(chip.running.values()) - chip.idle
    draws = loads(board)
    return {**draws, AWAKE: draws[AWAKE] - spared, BLE: draws[BLE] + spared}
