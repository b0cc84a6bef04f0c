"""What the virtual SX1262 sends, receives and detects; clauses are those of the datasheet."""

import pytest

from tools.virtual.lora_signal import channel
from tools.virtual.sx1262_modem import (
    CAD_DETECTED,
    CAD_DONE,
    CRC_ERR,
    HEADER_ERR,
    HEADER_VALID,
    PREAMBLE_DETECTED,
    RX_DONE,
    TIMEOUT,
    TX_DONE,
)
from tools.virtual.tests.chip_bench import (
    CLEAR_IRQ,
    CONTINUOUS,
    FRAME,
    PACKET_PARAMS,
    READ_BUFFER,
    SET_CAD,
    SET_RX,
    SET_TX,
    WRITE_BUFFER,
    ChipBench,
)

STANDBY_RC, RX = 2, 5
SF9_FRAME_US = 164_864
SF9_SYMBOL_US = 4_096


@pytest.fixture
def bench() -> ChipBench:
    ready = ChipBench()
    ready.set_up()
    return ready


def test_what_is_in_the_buffer_is_sent_and_ends_with_tx_done(bench: ChipBench) -> None:
    bench.send()
    begun_us = bench.clock.now_us
    bench.run(SF9_FRAME_US - 1)
    assert bench.irq() == 0
    bench.run(1)
    assert bench.irq() == TX_DONE
    assert bench.dio1 == [(begun_us + SF9_FRAME_US, 1)]
    assert bench.mode() == STANDBY_RC
    assert [(got.payload, got.whole) for got in bench.heard] == [(FRAME, True)]
    bench.command(CLEAR_IRQ, 0, 1)
    assert bench.dio1[-1] == (bench.clock.now_us, 0)
    assert bench.chip.faults == []


def test_the_buffer_wraps_and_the_base_is_an_offset(bench: ChipBench) -> None:
    bench.command(0x8F, 250, 0)
    bench.command(WRITE_BUFFER, 250, *FRAME)
    bench.command(SET_TX, 0, 0, 0)
    bench.run(200_000)
    assert [got.payload for got in bench.heard] == [FRAME]
    assert bench.command(READ_BUFFER, 255, 0, read=3) == FRAME[5:8]


@pytest.mark.parametrize(
    ("pa", "power", "dbm"),
    [
        ((4, 7), 22, 22),
        ((3, 5), 22, 20),
        ((2, 2), 22, 14),
        ((4, 7), 14, 14),
        ((4, 7), -9 & 0xFF, -9),
    ],
)
def test_power_is_that_of_the_table_and_the_parameter(
    bench: ChipBench, pa: tuple[int, int], power: int, dbm: int
) -> None:
    bench.air.path_loss_db[frozenset(("chip", "other"))] = 100.0
    bench.command(0x95, *pa, 0, 1)
    bench.command(0x8E, power, 4)
    for _ in range(20):
        bench.send()
        bench.run(200_000)
    strength = sum(got.rssi for got in bench.heard) / len(bench.heard)
    assert strength == pytest.approx(dbm - 100, abs=2.5)
    assert bench.chip.us_in[f"tx_{dbm}"] == 20 * (SF9_FRAME_US + 126)
    assert bench.chip.faults == []
    assert bench.register(0x08E7) == 0x38, "SetPaConfig sets the over-current protection"


def test_a_transmit_timeout_cuts_the_packet(bench: ChipBench) -> None:
    bench.command(WRITE_BUFFER, 0, *FRAME)
    bench.command(SET_TX, 0, 0x19, 0)  # 100 ms
    bench.run(101_000)
    assert bench.irq() == TIMEOUT
    assert bench.mode() == STANDBY_RC
    assert bench.status() == 3
    bench.run(200_000)
    assert [got.whole for got in bench.heard] == [False]


@pytest.mark.parametrize(("mode", "after"), [(0x20, 2), (0x30, 3), (0x40, 4)])
def test_after_a_packet_the_chip_is_in_its_fallback_mode(
    bench: ChipBench, mode: int, after: int
) -> None:
    bench.command(0x93, mode)
    bench.send()
    bench.run(200_000)
    assert bench.mode() == after


def test_a_packet_is_received_with_its_strength_and_its_place(bench: ChipBench) -> None:
    bench.command(PACKET_PARAMS, 0, 8, 0, 255, 1, 0)
    bench.command(SET_RX, *CONTINUOUS)
    bench.ready()
    bench.hear()
    assert bench.irq() == PREAMBLE_DETECTED | HEADER_VALID | RX_DONE
    assert bench.status() == 1
    assert bench.command(0x13, 0, read=2) == bytes([15, 128])
    assert bench.received() == FRAME
    rssi, snr, signal = bench.command(0x14, 0, read=3)
    assert -rssi / 2 == pytest.approx(-86, abs=9)
    assert (snr, signal) == (13 * 4, rssi)
    assert bench.command(0x10, 0, read=6) == bytes([0, 1, 0, 0, 0, 0])
    assert bench.mode() == RX
    assert bench.chip.faults == []


def test_continuous_reception_goes_on_behind_the_last_packet_and_wraps(bench: ChipBench) -> None:
    bench.command(PACKET_PARAMS, 0, 8, 0, 255, 1, 0)
    bench.command(SET_RX, *CONTINUOUS)
    bench.ready()
    starts = []
    for number in range(11):
        bench.hear(bytes([number]) * 15)
        starts.append(bench.command(0x13, 0, read=2)[1])
        assert bench.received() == bytes([number]) * 15
    assert starts == [(128 + 15 * number) % 256 for number in range(11)]


def test_single_reception_ends_with_the_packet(bench: ChipBench) -> None:
    bench.command(SET_RX, 0, 0, 0)
    bench.ready()
    bench.hear()
    assert bench.mode() == STANDBY_RC
    assert bench.status() == 2
    bench.hear(b"another one here")
    assert bench.received() == FRAME


def test_a_payload_longer_than_accepted_is_a_header_error(bench: ChipBench) -> None:
    bench.command(SET_RX, *CONTINUOUS)
    bench.ready()
    bench.hear(bytes(16))
    assert bench.irq() == PREAMBLE_DETECTED | HEADER_ERR
    assert bench.mode() == RX


def test_a_damaged_packet_is_received_with_a_crc_error(bench: ChipBench) -> None:
    bench.command(SET_RX, *CONTINUOUS)
    bench.ready()
    now_us = bench.clock.now_us
    bench.air.jam(now_us + 120_000, now_us + 130_000, -60.0)
    bench.hear()
    assert bench.irq() == PREAMBLE_DETECTED | HEADER_VALID | RX_DONE | CRC_ERR
    assert bench.received() != FRAME
    assert bench.command(0x10, 0, read=6) == bytes([0, 1, 0, 1, 0, 0])


def test_a_receive_timeout_ends_the_window_in_steps_of_15_us(bench: ChipBench) -> None:
    bench.command(SET_RX, 0, 0x7D, 0)  # 32,000 steps: 500 ms
    bench.ready()
    bench.run(499_999)
    assert bench.irq() == 0
    bench.run(1)
    assert bench.irq() == TIMEOUT
    assert bench.mode() == STANDBY_RC


@pytest.mark.parametrize(("on_preamble", "received"), [(0, False), (1, True)])
def test_the_timer_stops_at_the_header_or_when_asked_at_the_preamble(
    bench: ChipBench, on_preamble: int, received: bool
) -> None:
    bench.command(0x9F, on_preamble)
    bench.command(SET_RX, 0, 0x7D, 0)
    bench.ready()
    bench.run(500_000 - 10 * SF9_SYMBOL_US)
    bench.hear()
    assert bool(bench.irq() & RX_DONE) is received
    assert bool(bench.irq() & TIMEOUT) is not received


def test_a_packet_whose_header_came_in_time_is_received_to_its_end(bench: ChipBench) -> None:
    bench.command(SET_RX, 0, 0x7D, 0)
    bench.ready()
    bench.run(500_000 - 25 * SF9_SYMBOL_US)
    bench.hear()
    assert bench.received() == FRAME


def test_symbols_that_do_not_come_end_the_reception(bench: ChipBench) -> None:
    bench.command(0xA0, 10)
    bench.command(SET_RX, 0, 0, 0)
    bench.ready()
    bench.run(10 * SF9_SYMBOL_US)
    assert bench.irq() == TIMEOUT


def test_interrupts_that_the_mask_forbids_do_not_happen(bench: ChipBench) -> None:
    bench.command(0x08, 0, RX_DONE | 0x10, 0, 0x10, 0, 0, 0, 0)
    bench.command(SET_RX, *CONTINUOUS)
    bench.ready()
    bench.hear()
    assert bench.irq() == RX_DONE | HEADER_VALID
    assert [level for _, level in bench.dio1] == [1]
    bench.command(CLEAR_IRQ, 0, 0x10)
    assert [level for _, level in bench.dio1] == [1, 0], "DIO1 shows only what its own mask allows"
    assert bench.irq() == RX_DONE


def test_instantaneous_rssi_shows_noise_and_signals(bench: ChipBench) -> None:
    bench.command(0x15, 0, read=1)
    assert bench.chip.faults == ["13.5.4: GetRssiInst outside RX"]
    bench.command(SET_RX, *CONTINUOUS)
    assert -bench.command(0x15, 0, read=1)[0] / 2 == pytest.approx(-117, abs=4)
    bench.other.transmit(FRAME, 14.0)
    assert -bench.command(0x15, 0, read=1)[0] / 2 == pytest.approx(-86, abs=4)


# Activity detection (13.1.11)


@pytest.mark.parametrize(("active", "irq"), [(True, CAD_DONE | CAD_DETECTED), (False, CAD_DONE)])
def test_activity_is_looked_for_over_the_symbols_asked_for(
    bench: ChipBench, active: bool, irq: int
) -> None:
    if active:
        bench.other.transmit(FRAME, 14.0)
    bench.command(SET_CAD)
    bench.ready()
    bench.run(4 * SF9_SYMBOL_US)
    assert bench.irq() == 0
    bench.run(SF9_SYMBOL_US)
    assert bench.irq() == irq
    assert bench.mode() == STANDBY_RC


def test_activity_goes_over_to_reception_when_asked(bench: ChipBench) -> None:
    bench.command(0x88, 0, 24, 10, 1, 0, 0x7D, 0)
    for payload in (None, FRAME):
        if payload:
            bench.other.transmit(payload, 14.0)
        bench.command(SET_CAD)
        bench.run(2 * SF9_SYMBOL_US)
        assert bench.mode() == (RX if payload else STANDBY_RC)
    bench.run(300_000)
    assert bench.received() == FRAME


@pytest.mark.parametrize(("peak", "found"), [(15, True), (40, False)])
def test_a_peak_that_makes_no_sense_finds_everything_or_nothing(
    bench: ChipBench, peak: int, found: bool
) -> None:
    bench.command(0x88, 2, peak, 10, 0, 0, 0, 0)
    if not found:
        bench.other.transmit(FRAME, 14.0)
    bench.command(SET_CAD)
    bench.run(30_000)
    assert bool(bench.irq() & CAD_DETECTED) is found


def test_two_chips_hear_each_other_at_every_spreading_factor() -> None:
    for sf in range(7, 13):
        bench = ChipBench()
        bench.set_up(sf)
        bench.send()
        bench.run(2_000_000)
        assert [got.payload for got in bench.heard] == [FRAME], sf
        bench.command(SET_RX, 0, 0, 0)
        bench.ready()
        bench.other.modulation = channel(sf)
        bench.other.transmit(FRAME[::-1], 14.0)
        bench.run(2_000_000)
        assert bench.received() == FRAME[::-1], sf
        assert bench.chip.faults == [], sf
