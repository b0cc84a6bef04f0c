"""What the virtual SX1262 shows at its pins; clauses are those of the datasheet."""

import pytest

from tools.virtual.sx1262_modem import TX_DONE
from tools.virtual.tests.chip_bench import (
    CALIBRATE,
    CONTINUOUS,
    FRAME,
    GET_STATUS,
    READ_BUFFER,
    SET_FS,
    SET_RX,
    SET_SLEEP,
    SET_STANDBY,
    SET_TX,
    WRITE_BUFFER,
    ChipBench,
)

STANDBY_RC, STANDBY_XOSC, FS, RX, TX = 2, 3, 4, 5, 6
SF9_FRAME_US = 164_864


@pytest.fixture
def bench() -> ChipBench:
    ready = ChipBench()
    ready.set_up()
    return ready


def test_power_up_calibrates_for_3_5_ms() -> None:
    bench = ChipBench(powered=False)
    assert bench.frame(GET_STATUS, 0) == b"\x00\x00", "without power nobody answers"
    bench.chip.power(1)
    assert bench.ready() == 3_500
    assert bench.mode() == STANDBY_RC
    assert bench.errors() == 0


def test_a_reset_needs_100_us_and_forgets_everything(bench: ChipBench) -> None:
    bench.write_register(0x0740, 0x34)
    bench.chip.reset(0)
    bench.run(50)
    bench.chip.reset(1)
    assert bench.register(0x0740) == 0x34
    assert bench.chip.faults == ["8.1: NRESET was low for 50 us only"]
    bench.chip.reset(0)
    bench.run(100)
    bench.chip.reset(1)
    assert bench.ready() == 3_500
    assert (bench.register(0x0740), bench.register(0x0741)) == (0x14, 0x24)


def test_a_command_while_busy_is_ignored_and_noted(bench: ChipBench) -> None:
    bench.command(CALIBRATE, 0x7F)
    assert bench.chip.busy.level == 1
    bench.frame(SET_FS)
    assert bench.ready() == 3_500
    assert bench.mode() == STANDBY_RC
    assert bench.chip.faults == ["8.3: SetFs while BUSY"]


@pytest.mark.parametrize(
    ("before", "command", "busy_us"),
    [
        ((SET_STANDBY, 0), (SET_STANDBY, 1), 31),
        ((SET_STANDBY, 0), (SET_FS,), 50),
        ((SET_STANDBY, 0), (SET_RX, 0, 0, 0), 83),
        ((SET_STANDBY, 0), (SET_TX, 0, 0, 0), 126),
        ((SET_STANDBY, 1), (SET_FS,), 40),
        ((SET_STANDBY, 1), (SET_TX, 0, 0, 0), 105),
        ((SET_FS,), (SET_TX, 0, 0, 0), 76),
        ((SET_FS,), (SET_RX, 0, 0, 0), 41),
    ],
)
def test_changes_of_mode_last_as_the_datasheet_says(
    bench: ChipBench, before: tuple[int, ...], command: tuple[int, ...], busy_us: int
) -> None:
    bench.command(*before)
    bench.command(*command)
    assert bench.ready() == busy_us


def test_status_names_the_mode(bench: ChipBench) -> None:
    modes = []
    for command in ((SET_STANDBY, 0), (SET_STANDBY, 1), (SET_FS,), (SET_RX, 0, 0, 0)):
        bench.command(*command)
        modes.append(bench.mode())
    bench.send()
    modes.append(bench.mode())
    assert modes == [STANDBY_RC, STANDBY_XOSC, FS, RX, TX]


def test_an_unknown_opcode_and_missing_parameters_are_errors(bench: ChipBench) -> None:
    bench.command(0x77)
    assert bench.status() == 4
    bench.command(SET_TX, 0)
    assert bench.status() == 4
    assert bench.mode() == STANDBY_RC
    assert bench.chip.faults == [
        "opcode 77: unknown, or too few parameters",
        "SetTx: unknown, or too few parameters",
    ]


def test_a_command_runs_only_when_nss_rises(bench: ChipBench) -> None:
    bench.chip.select(0)
    bench.chip.transfer(bytes([SET_FS]))
    assert bench.chip.state == "standby_rc"
    bench.chip.select(1)
    assert bench.chip.state == "fs"


def test_a_clock_without_nss_says_nothing(bench: ChipBench) -> None:
    assert bench.chip.transfer(bytes([GET_STATUS, 0])) == b"\x00\x00"
    assert bench.chip.faults == ["8.2: clock without NSS"]


# Sleep (13.1.1)


def test_a_warm_start_keeps_the_settings_and_takes_340_us(bench: ChipBench) -> None:
    bench.write_register(0x0911, 0x12)
    bench.command(WRITE_BUFFER, 0, 7)
    bench.command(SET_SLEEP, 4)
    assert bench.chip.busy.level == 1
    bench.run(1_000)
    bench.chip.select(0)
    assert bench.ready() == 340
    bench.chip.select(1)
    assert bench.register(0x0911) == 0x12
    assert bench.command(READ_BUFFER, 0, 0, read=1) == b"\x00", "the buffer is lost"
    bench.send()
    bench.run(200_000)
    assert [got.payload for got in bench.heard] == [FRAME]
    assert bench.chip.faults == []


def test_a_cold_start_is_a_power_up(bench: ChipBench) -> None:
    bench.write_register(0x0740, 0x34)
    bench.command(SET_SLEEP, 0)
    bench.chip.select(0)
    assert bench.ready() == 3_500
    bench.chip.select(1)
    assert bench.register(0x0740) == 0x14


def test_the_gain_survives_a_warm_start_only_in_the_retention_list(bench: ChipBench) -> None:
    gains = []
    for listed in (False, True):
        bench.write_register(0x08AC, 0x96)
        if listed:
            bench.command(0x0D, 0x02, 0x9F, 1, 0x08, 0xAC)
        bench.command(SET_SLEEP, 4)
        bench.frame(GET_STATUS, 0)
        gains.append(bench.register(0x08AC))
    assert gains == [0x94, 0x96], "9.6"


def test_the_command_that_wakes_the_chip_is_lost(bench: ChipBench) -> None:
    bench.command(SET_SLEEP, 4)
    bench.frame(SET_FS)
    bench.ready()
    assert bench.mode() == STANDBY_RC
    assert bench.chip.faults == ["8.3: SetFs while BUSY"]


def test_sleep_is_asked_for_in_standby_only(bench: ChipBench) -> None:
    bench.command(SET_RX, *CONTINUOUS)
    bench.command(SET_SLEEP, 4)
    assert bench.chip.faults == ["13.1.1: SetSleep outside standby"]


# What an experiment does to the chip


def test_a_stuck_busy_ends_with_a_reset(bench: ChipBench) -> None:
    bench.chip.stick_busy()
    bench.run(10_000_000)
    assert bench.chip.busy.level == 1
    bench.chip.reset(0)
    bench.run(200)
    bench.chip.reset(1)
    assert bench.ready() == 3_500


@pytest.mark.parametrize("byte", [0x00, 0xFF])
def test_a_silent_chip_says_the_same_byte_and_does_nothing(bench: ChipBench, byte: int) -> None:
    bench.chip.silent = byte
    assert bench.frame(GET_STATUS, 0) == bytes([byte]) * 2
    bench.frame(SET_FS)
    bench.chip.silent = None
    assert bench.mode() == STANDBY_RC


def test_a_lost_tx_done_never_comes(bench: ChipBench) -> None:
    bench.chip.modem.lose_tx_done = 1
    bench.send()
    bench.run(5_000_000)
    assert bench.irq() == 0
    assert bench.mode() == TX
    assert len(bench.heard) == 1
    bench.command(SET_STANDBY, 0)
    bench.send()
    bench.run(200_000)
    assert bench.irq() == TX_DONE


def test_a_brown_out_loses_everything(bench: ChipBench) -> None:
    bench.write_register(0x0740, 0x34)
    bench.command(SET_RX, *CONTINUOUS)
    bench.chip.brown_out()
    bench.ready()
    assert bench.mode() == STANDBY_RC
    assert bench.register(0x0740) == 0x14
    bench.hear()
    assert bench.irq() == 0


def test_time_in_each_state_adds_up(bench: ChipBench) -> None:
    before_us = bench.clock.now_us
    known = dict(bench.chip.us_in)
    bench.send()
    bench.run(SF9_FRAME_US)
    bench.command(SET_RX, *CONTINUOUS)
    bench.run(1_000_000)
    bench.command(SET_STANDBY, 0)
    bench.command(SET_SLEEP, 4)
    bench.run(3_000_000)
    spent = {name: us - known.get(name, 0) for name, us in bench.chip.us_in.items()}
    assert spent["tx_14"] == SF9_FRAME_US + 126
    assert spent["rx"] == 1_000_000
    assert spent["sleep_warm"] == 3_000_000
    assert sum(spent.values()) == bench.clock.now_us - before_us
