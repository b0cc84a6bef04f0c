"""The radio head's program on the real MicroPython, its serial line in the test's hands."""

import random
from pathlib import Path

import pytest

from firmware.core.transmit_queue import MOST
from firmware.tests.wired import Wired
from protocol.advert import to_advert
from protocol.link_messages import (
    BLE,
    CAP_BLE,
    LINK_VERSION,
    LORA,
    REFUSED,
    REPLACED,
    SENT,
    Done,
    Hello,
    HelloRequest,
    Ping,
    Pong,
    Received,
    Setting,
    Stats,
    Transmit,
)
from protocol.serial_link import to_wire
from tools import micropython


def frame(number: int, length: int = 15) -> bytes:
    return bytes([number]) * length


def path(wired: Wired) -> None:
    """Hello, a frame in, a frame out."""
    assert [hello.caps for hello in wired.said(Hello)] == [CAP_BLE]
    wired.advertiser("button", bytes(to_advert(frame(9))))
    wired.world.run_for(1)
    assert wired.said(Received)[0].frame == frame(9)
    wired.transmit(1, 1, frame(4))
    wired.world.run_for(1)
    assert bytes(to_advert(frame(4))) in [data for _, data in wired.on_air]
    assert wired.done() == [(1, SENT)]
    assert wired.link.errors == {}
    assert wired.log.read_text() == ""


def test_frames_pass_both_ways(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        path(wired)


def test_the_same_on_32_bits(tmp_path: Path) -> None:
    with Wired(tmp_path, micropython_argv=micropython.command("i386")) as wired:
        path(wired)


def test_hello_at_start_and_when_asked(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        wired.say(HelloRequest())
        wired.world.run_for(0.1)
        first, second = wired.said(Hello)
        assert first == second
        assert first.version == LINK_VERSION
        wired.device.power_cut()
        wired.device.power_on()
        wired.world.run_for(1)
        assert wired.said(Hello)[-1].boot != first.boot


def test_ping_is_answered_with_its_token(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        for token in (0, 1, 0xFFFF_FFFF):
            wired.say(Ping(token))
        wired.world.run_for(0.1)
        assert [pong.token for pong in wired.said(Pong)] == [0, 1, 0xFFFF_FFFF]


def test_received_carries_signal_strength_and_the_heads_time(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        wired.world.ble.set_path_loss("button", "head", 80.0)
        wired.advertiser("button", bytes(to_advert(frame(9, 23))))
        wired.world.run_for(3)
        heard = wired.said(Received)
        assert len(heard) > 15, "scans never deduplicate"
        assert {(one.medium, one.snr, one.frame) for one in heard} == {(BLE, 0, frame(9, 23))}
        assert sum(one.rssi for one in heard) / len(heard) == pytest.approx(-80, abs=3)
        assert all(1_000 - 350 <= one.ms <= 4_000 for one in heard)


def test_a_transmit_is_on_air_for_its_time(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        begun_us = wired.world.clock.now_us
        wired.transmit(7, 1, frame(4), 400)
        wired.world.run_for(2)
        at_ms = [(at_us - begun_us) / 1000 for at_us, _ in wired.on_air]
        assert at_ms[0] <= 30
        assert 300 <= at_ms[-1] <= 440
        assert 12 <= len(at_ms) <= 22
        assert wired.done() == [(7, SENT)]


def test_newer_of_a_slot_replaces(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        wired.transmit(1, 5, frame(1), 2_000)
        wired.world.run_for(0.2)
        replaced_us = wired.world.clock.now_us
        wired.transmit(2, 5, frame(2))
        wired.world.run_for(1)
        late = [data for at_us, data in wired.on_air if at_us > replaced_us + 10_000]
        assert set(late) == {bytes(to_advert(frame(2)))}
        assert wired.done() == [(1, REPLACED), (2, SENT)]


def test_several_slots_share_the_air(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        for slot in range(5):
            wired.transmit(slot, slot, frame(slot), 1_500)
        wired.world.run_for(2)
        heard = [data[7] for _, data in wired.on_air]
        counts = [heard.count(slot) for slot in range(5)]
        assert min(counts) >= 5
        assert max(counts) <= 3 * min(counts)


def test_full_queue_and_missing_radio_refuse(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        wired.say(Transmit(500, 0, LORA, 0, 400, frame(1)))
        for number in range(MOST + 2):
            wired.transmit(number, number, frame(number), 3_000)
        wired.world.run_for(0.5)
        assert wired.done() == [(500, REFUSED), (MOST, REFUSED), (MOST + 1, REFUSED)]
        wired.world.run_for(4)
        assert sorted(wired.done()[3:]) == [(number, SENT) for number in range(MOST)]


def test_head_hears_while_it_transmits(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        wired.advertiser("button", bytes(to_advert(frame(9))), 30_000)
        wired.transmit(1, 1, frame(4), 2_000)
        wired.world.run_for(2)
        assert len(wired.said(Received)) > 40


def test_garbage_on_the_line_costs_nothing_else(tmp_path: Path) -> None:
    rng = random.Random(3)
    with Wired(tmp_path) as wired:
        for number in range(60):
            noise = rng.randbytes(rng.randrange(1, 300))
            wired.device.uart_feed(noise + b"\x00" + to_wire(Ping(number)))
            wired.world.run_for(0.02)
        wired.device.uart_feed(to_wire(Ping(777))[:-3])
        wired.say(Setting(9, 9), Done(1, 0), Hello(9, 9, 9, 9))
        wired.say(Ping(1_000))
        wired.world.run_for(0.1)
        tokens = [pong.token for pong in wired.said(Pong)]
        assert tokens == [*range(60), 1_000]
        assert wired.log.read_text() == ""


def test_a_flood_on_the_line_is_survived(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        wired.device.uart_feed(b"\x55" * 60_000)
        wired.world.run_for(0.1)
        wired.device.uart_feed(b"\x00")
        wired.say(Ping(1))
        wired.world.run_for(0.1)
        assert [pong.token for pong in wired.said(Pong)] == [1]


def test_stats_count_foreign_adverts_every_five_seconds(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        wired.world.run_for(5)
        stranger = wired.advertiser("stranger", b"\x02\x01\x06\x03\x03\xaa\xfe", 100_000)
        before = len(wired.said(Stats))
        wired.world.run_for(20)
        counted = wired.said(Stats)[before:]
        assert len(counted) == 4
        assert 40 * 3 < sum(one.foreign for one in counted) < 200
        assert all(one.dropped == 0 for one in counted)
        assert wired.said(Received) == []
        stranger.stop_advertising()
        wired.world.run_for(15)
        assert wired.said(Stats)[-1].foreign == 0


@pytest.mark.slow
def test_crowded_air_is_counted_not_fatal(tmp_path: Path) -> None:
    """Far more adverts than the serial line can carry: what is lost is said."""
    with Wired(tmp_path) as wired:
        for number in range(12):
            wired.advertiser(f"button {number}", bytes(to_advert(frame(number))), 20_000)
        wired.world.run_for(3)
        wired.say(Ping(5))
        wired.world.run_for(1)
        assert [pong.token for pong in wired.said(Pong)] == [5]
        assert {one.frame[0] for one in wired.said(Received)} == set(range(12))
        assert wired.link.errors == {}
        assert wired.log.read_text() == ""
