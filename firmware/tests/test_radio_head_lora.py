"""The LoRa half of the radio head's program, on a virtual SX1262 and a virtual channel."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.tests.wired import Station, Wired
from protocol.airtime import time_on_air_us
from protocol.link_messages import (
    ALWAYS,
    ANSWERED,
    BLE,
    BUSY,
    CAP_BLE,
    CAP_LORA,
    DUTY_CYCLE,
    FREQUENCY_HZ,
    LATE,
    LORA,
    POWER_DBM,
    REPLACED,
    SENT,
    SPREADING_FACTOR,
    URGENT,
    Channel,
    Hello,
    Received,
    Setting,
    Stats,
    Transmit,
)
from tools import micropython

BOARD = "esp32s3_lora"
ON_AIR_S = time_on_air_us(15, 9) / 1e6


def frame(number: int, end: int = 0) -> bytes:
    """Frames of one number have one hint."""
    return bytes([number]) * 4 + bytes([end]) * 11


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    with Wired(tmp_path, board=BOARD) as made:
        yield made
        assert made.log.read_text() == ""
        assert made.link.errors == {}


def path(wired: Wired) -> None:
    station = Station(wired)
    assert wired.said(Hello)[0].caps == CAP_BLE | CAP_LORA
    station.send(frame(1))
    wired.world.run_for(1)
    (heard,) = wired.said(Received)
    assert (heard.medium, heard.frame) == (LORA, frame(1))
    assert heard.rssi == pytest.approx(-86, abs=8)
    assert heard.snr > 5
    wired.send_lora(7, 1, frame(2))
    wired.world.run_for(2)
    assert [payload for _, payload in station.heard] == [frame(2)]
    assert wired.done() == [(7, SENT)]


def test_lora_frames_pass_both_ways(wired: Wired) -> None:
    path(wired)


def test_the_same_on_32_bits(tmp_path: Path) -> None:
    with Wired(tmp_path, board=BOARD, micropython_argv=micropython.command("i386")) as wired:
        path(wired)


def test_the_same_over_the_usb_of_a_t3s3(tmp_path: Path) -> None:
    with Wired(tmp_path, board="lilygo_t3s3") as wired:
        path(wired)


def test_an_answer_is_staggered(wired: Wired) -> None:
    Station(wired)
    waits = []
    for number in range(12):
        begun_us = wired.world.clock.now_us
        wired.send_lora(number, 1, frame(number))
        wired.world.run_for(1.5)
        waits.append((wired.lora_packets[-1].start_us - begun_us) / 1e6)
    assert len(wired.lora_packets) == 12
    assert 0.04 <= min(waits) < 0.3
    assert max(waits) < 0.04 + 3 * ON_AIR_S + 0.1
    assert max(waits) - min(waits) > ON_AIR_S


def test_what_another_gateway_answered_is_not_sent(wired: Wired) -> None:
    other = Station(wired, "another gateway")
    wired.send_lora(1, 1, frame(5))
    wired.send_lora(2, 2, frame(6))
    other.send(frame(5, end=1))
    wired.world.run_for(4)
    assert (1, ANSWERED) in wired.done()
    assert (2, SENT) in wired.done()
    assert [packet.payload for packet in wired.lora_packets] == [frame(6)]


def test_some_answers_are_sent_all_the_same(wired: Wired) -> None:
    """Where a device keeps its window open for every gateway (SPEC 5.3)."""
    other = Station(wired, "another gateway")
    wired.send_lora(1, 1, frame(5), flags=ALWAYS)
    other.send(frame(5, end=1))
    wired.world.run_for(4)
    assert wired.done() == [(1, SENT)]


def test_what_is_too_late_is_dropped(wired: Wired) -> None:
    wired.send_lora(1, 1, frame(1), ms=30)
    wired.world.run_for(1)
    assert wired.done() == [(1, LATE)]
    assert wired.lora_packets == []


def test_newer_of_a_slot_replaces(wired: Wired) -> None:
    wired.send_lora(1, 5, frame(1))
    wired.send_lora(2, 5, frame(2))
    wired.world.run_for(2)
    assert wired.done() == [(1, REPLACED), (2, SENT)]
    assert [packet.payload for packet in wired.lora_packets] == [frame(2)]


def test_a_slot_of_one_medium_is_not_that_of_the_other(wired: Wired) -> None:
    wired.send_lora(1, 5, frame(1))
    wired.transmit(2, 5, frame(2))
    wired.world.run_for(2)
    assert sorted(wired.done()) == [(1, SENT), (2, SENT)]


class Chatter:
    """A site that never falls silent: one frame after the other on our channel."""

    def __init__(self, wired: Wired, payload: bytes = bytes(14)) -> None:
        self.radio = Station(wired, "chatter").radio
        self._payload = payload
        self.radio.on_sent = self._again
        self._again()

    def _again(self) -> None:
        self.radio.transmit(self._payload, 14.0)


def test_a_busy_channel_holds_back_what_is_not_urgent(wired: Wired) -> None:
    Chatter(wired)
    wired.send_lora(1, 1, frame(1))
    wired.world.run_for(12)
    assert wired.done() == [(1, BUSY)]
    assert wired.lora_packets == []


def test_an_answer_to_an_alert_overtakes_and_is_sent_within_two_seconds(wired: Wired) -> None:
    Chatter(wired)
    wired.send_lora(1, 1, frame(1))
    wired.world.run_for(1)
    begun_us = wired.world.clock.now_us
    wired.send_lora(2, 2, frame(2), flags=URGENT)
    wired.world.run_for(12)
    assert wired.lora_packets[0].payload == frame(2)
    waited_s = (wired.lora_packets[0].start_us - begun_us) / 1e6
    assert waited_s < 0.04 + 3 * ON_AIR_S + 2.1
    assert wired.done()[0] == (2, SENT)
    assert wired.done()[1][0] == 1, "what was overtaken still ends"


@pytest.mark.slow
def test_airtime_of_alerts_is_kept_for_them(wired: Wired) -> None:
    """At SF 12 a frame is 1.2 s on air, and after a loss of power 60 s count as used: 25 more may go."""
    wired.say(Setting(SPREADING_FACTOR, 12))
    for number in range(40):
        wired.send_lora(number, number % 30, frame(number))
        wired.world.run_for(9)
    statuses = [status for _, status in wired.done()]
    assert statuses.count(SENT) == 25
    assert statuses.count(DUTY_CYCLE) == 15
    wired.send_lora(99, 1, frame(99), flags=URGENT)
    wired.world.run_for(9)
    assert wired.done()[-1] == (99, SENT), "an alert is never refused"


@pytest.mark.slow
def test_the_ledger_goes_on_after_a_reset(wired: Wired) -> None:
    wired.say(Setting(SPREADING_FACTOR, 12))
    for number in range(26):
        wired.send_lora(number, 1, frame(number))
        wired.world.run_for(9)
    assert wired.done()[-1] == (25, DUTY_CYCLE)
    wired.device.bite()
    wired.world.run_for(2)
    wired.messages.clear()
    wired.say(Setting(SPREADING_FACTOR, 12))
    wired.send_lora(50, 1, frame(50))
    wired.world.run_for(9)
    assert wired.done() == [(50, DUTY_CYCLE)]


@pytest.mark.slow
def test_flash_knows_the_ledger_after_a_loss_of_power(wired: Wired) -> None:
    """But for the last 10 s of air: 22 of 25 frames are counted, and no 60 s for a lost record."""
    wired.say(Setting(SPREADING_FACTOR, 12))
    for number in range(25):
        wired.send_lora(number, 1, frame(number))
        wired.world.run_for(9)
    wired.device.power_cut()
    wired.device.power_on()
    wired.world.run_for(2)
    wired.messages.clear()
    wired.say(Setting(SPREADING_FACTOR, 12))
    for number in range(10):
        wired.send_lora(number, 1, frame(number))
        wired.world.run_for(9)
    statuses = [status for _, status in wired.done()]
    on_air_s = time_on_air_us(15, 12) / 1e6
    written = 10 // on_air_s + 1  # frames between two writes
    assert statuses.count(SENT) == 25 - 25 // written * written
    assert DUTY_CYCLE in statuses


def test_settings_change_the_channel_and_are_told(wired: Wired) -> None:
    assert [one.to_bytes() for one in wired.said(Channel)] == [
        Channel(869_525_000, 9, 14).to_bytes()
    ]
    wired.say(
        Setting(FREQUENCY_HZ, 869_475_000), Setting(SPREADING_FACTOR, 7), Setting(POWER_DBM, 20)
    )
    wired.world.run_for(0.5)
    assert wired.said(Channel)[-1] == Channel(869_475_000, 7, 20)
    wired.send_lora(1, 1, frame(1))
    wired.world.run_for(1)
    (packet,) = wired.lora_packets
    assert packet.modulation.hz == pytest.approx(869_475_000, abs=2)
    assert packet.modulation.sf == 7
    assert packet.dbm == 20


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (FREQUENCY_HZ, 868_100_000),
        (FREQUENCY_HZ, 869_400_000),
        (FREQUENCY_HZ, 869_600_000),
        (SPREADING_FACTOR, 6),
        (SPREADING_FACTOR, 13),
        (POWER_DBM, 28),
        (POWER_DBM, 0xFFFF_FFFF),
    ],
)
def test_what_the_band_does_not_allow_is_refused(wired: Wired, key: int, value: int) -> None:
    wired.say(Setting(key, value))
    wired.world.run_for(0.2)
    assert wired.said(Channel)[-1] == Channel(869_525_000, 9, 14)
    assert len(wired.said(Channel)) == 2


def test_more_power_than_the_board_has_is_refused(wired: Wired) -> None:
    wired.say(Setting(POWER_DBM, 22))
    wired.say(Setting(POWER_DBM, 23))
    wired.world.run_for(0.2)
    assert wired.said(Channel)[-1] == Channel(869_525_000, 9, 22)


def test_a_jammed_channel_shows_in_noise_and_busy(wired: Wired) -> None:
    station = Station(wired)
    wired.world.run_for(11)
    quiet = [one for one in wired.said(Stats) if one.medium == LORA][-1]
    assert -125 <= quiet.noise <= -110
    assert quiet.busy <= 5
    now_us = wired.world.clock.now_us
    wired.world.lora.jam(now_us, now_us + 20_000_000, -60.0)
    wired.world.run_for(15)
    station.send(frame(1))
    wired.world.run_for(1)
    assert wired.said(Received) == [], "nothing is understood in it"
    jammed = [one for one in wired.said(Stats) if one.medium == LORA][-1]
    assert jammed.noise == pytest.approx(-60, abs=6)
    assert jammed.busy >= 95
    wired.world.run_for(25)
    station.send(frame(2))
    wired.world.run_for(1)
    assert [one.frame for one in wired.said(Received)] == [frame(2)]
    after = [one for one in wired.said(Stats) if one.medium == LORA][-1]
    assert after.noise < -100
    assert after.busy <= 5


def test_foreign_payloads_are_counted_and_kept_off_the_line(wired: Wired) -> None:
    station = Station(wired)
    for payload in (bytes(14), bytes(24), bytes(3)):
        station.send(payload)
        wired.world.run_for(0.5)
    wired.world.run_for(5)
    assert wired.said(Received) == []
    assert sum(one.foreign for one in wired.said(Stats) if one.medium == LORA) == 3


def test_a_dead_chip_is_told_and_ble_goes_on(wired: Wired) -> None:
    assert wired.chip is not None
    wired.chip.silent = 0
    wired.world.run_for(90)
    assert wired.said(Hello)[-1].caps == CAP_BLE
    assert len({one.boot for one in wired.said(Hello)}) == 1
    wired.transmit(1, 1, frame(1))
    wired.say(Transmit(2, 2, LORA, 0, 0, frame(2)))
    wired.world.run_for(10)
    assert (1, SENT) in wired.done()
    assert 2 in [ident for ident, _ in wired.done()]
    wired.chip.silent = None
    wired.world.run_for(30)
    assert wired.said(Hello)[-1].caps == CAP_BLE | CAP_LORA
    wired.send_lora(3, 3, frame(3))
    wired.world.run_for(3)
    assert (3, SENT) in wired.done()
    assert {one.medium for one in wired.said(Stats)} == {BLE, LORA}
