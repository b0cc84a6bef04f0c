"""What must be set before the virtual SX1262 works, and works well; clauses of the datasheet."""

import pytest

from tools.virtual.sx1262 import PLL_LOCK_ERR, XOSC_START_ERR
from tools.virtual.sx1262_config import Fitting
from tools.virtual.tests.chip_bench import (
    CALIBRATE,
    CLEAR_ERRORS,
    PACKET_PARAMS,
    SET_FS,
    SET_PACKET_TYPE,
    SET_RX,
    SET_TCXO,
    SET_TX,
    ChipBench,
)

STANDBY_RC = 2
TCXO = Fitting(tcxo_mv=1800)
TCXO_1V8_5_MS = (2, 0, 1, 0x40)


@pytest.fixture
def bench() -> ChipBench:
    ready = ChipBench()
    ready.set_up()
    return ready


def test_a_tcxo_that_nobody_supplies_is_an_error_from_power_up_on() -> None:
    bench = ChipBench(TCXO)
    assert bench.errors() == XOSC_START_ERR
    bench.command(CLEAR_ERRORS, 0, 0)
    bench.set_up()
    bench.command(SET_TX, 0, 0, 0)
    assert bench.errors() == XOSC_START_ERR
    assert bench.mode() == STANDBY_RC
    assert bench.status() == 5


def test_a_tcxo_needs_its_voltage_its_delay_and_another_calibration() -> None:
    for wrong in ((1, 0, 1, 0x40), (2, 0, 0, 10)):
        bench = ChipBench(TCXO)
        bench.command(SET_TCXO, *wrong)
        bench.command(CLEAR_ERRORS, 0, 0)
        bench.command(CALIBRATE, 0x7F)
        assert bench.errors() == XOSC_START_ERR, wrong
    bench = ChipBench(TCXO)
    bench.command(SET_TCXO, *TCXO_1V8_5_MS)
    bench.command(CLEAR_ERRORS, 0, 0)
    bench.set_up()
    bench.command(SET_FS)
    assert bench.errors() == PLL_LOCK_ERR, "not calibrated yet"
    bench.command(CLEAR_ERRORS, 0, 0)
    bench.command(CALIBRATE, 0x7F)
    assert bench.ready() == 8_500
    assert bench.errors() == 0
    bench.command(SET_TX, 0, 0, 0)
    assert bench.ready() == 5_126, "each start from STDBY_RC waits for the TCXO"


def test_a_transmission_that_nothing_prepared_is_refused() -> None:
    bench = ChipBench()
    bench.command(SET_TX, 0, 0, 0)
    assert bench.status() == 5
    bench.command(SET_PACKET_TYPE, 1)
    bench.command(SET_RX, 0, 0, 0)
    assert bench.mode() == STANDBY_RC
    assert bench.chip.faults == [
        "13.1.4: SetTx: packet type is not LoRa",
        "13.1.5: SetRx: frequency, modulation or packet parameters were not set",
    ]


def test_the_packet_type_comes_before_its_parameters(bench: ChipBench) -> None:
    bench.command(SET_PACKET_TYPE, 1)
    bench.command(SET_TX, 0, 0, 0)
    assert len(bench.chip.faults) == 1


@pytest.mark.parametrize(
    ("clause", "command"),
    [
        ("9.2.1", (0x98, 0xE1, 0xE9)),
        ("13.3.5", (0x9D, 0)),
        ("15.4", (0x0D, 0x07, 0x36, 0x09)),
        ("15.4", (PACKET_PARAMS, 0, 8, 0, 15, 1, 1)),
        ("15.1", (0x0D, 0x08, 0x89, 0x01)),
        ("15.2", (0x0D, 0x08, 0xD8, 0xC8)),
        ("13.1.14", (0x95, 1, 1, 0, 1)),
        ("13.1.14", (0x95, 2, 2, 1, 1)),
    ],
)
def test_what_a_real_chip_would_do_badly_is_noted(
    bench: ChipBench, clause: str, command: tuple[int, ...]
) -> None:
    bench.command(*command)
    bench.send()
    assert [fault.split(":")[0] for fault in bench.chip.faults] == [clause]
