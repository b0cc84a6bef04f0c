import itertools
import random
from functools import partial
from pathlib import Path

import pytest

from tools.virtual.ble_air import (
    ADV_DELAY_US,
    ADV_SCAN_IND,
    CAPTURE_DB,
    BleAir,
    BleRadio,
    Report,
)
from tools.virtual.clock import Clock

PACKET_US = (16 + 22) * 8
EVENT_US = 3 * (PACKET_US + 400)


def report(number: int = 1, length: int = 22) -> Report:
    return Report(1, bytes([number]) * 6, ADV_SCAN_IND, 0, bytes([number]) * length)


class Sky:
    """An air, and what its listeners heard: (moment, first byte, dBm) by listener."""

    def __init__(self, loss: float = 0.0, seed: int = 1) -> None:
        self.clock = Clock()
        self.air = BleAir(self.clock, random.Random(seed), loss)
        self.heard: dict[str, list[tuple[int, int, int]]] = {}

    def radio(self, name: str) -> BleRadio:
        self.heard[name] = []
        return self.air.radio(name, partial(self._note, name))

    def _note(self, name: str, heard: Report) -> None:
        self.heard[name].append((self.clock.now_us, heard.data[0], heard.rssi))

    def listener(self, name: str = "listener") -> BleRadio:
        radio = self.radio(name)
        radio.scan(30_000, 30_000)
        return radio

    def run(self, us: int) -> None:
        until_us = self.clock.now_us + us
        while self.clock.step(until_us):
            pass


def test_events_come_at_the_interval_and_a_random_delay() -> None:
    sky = Sky()
    events: list[int] = []
    radio = sky.radio("sender")
    radio.on_advertising = lambda _data: events.append(sky.clock.now_us)
    radio.advertise(30_000, report())
    sky.run(60_000_000)
    gaps = [b - a for a, b in itertools.pairwise(events)]
    assert min(gaps) >= 30_000
    assert max(gaps) <= 30_000 + ADV_DELAY_US
    assert sum(gaps) / len(gaps) == pytest.approx(35_000, rel=0.02)
    thirds = [
        sum(30_000 + k * 3_334 <= gap < 30_000 + (k + 1) * 3_334 for gap in gaps) for k in range(3)
    ]
    assert min(thirds) > len(gaps) * 0.28, "the delay is uniform"


def test_each_event_is_heard_once_on_the_channel_listened_to() -> None:
    sky = Sky()
    events: list[int] = []
    sky.listener()
    radio = sky.radio("sender")
    radio.on_advertising = lambda _data: events.append(sky.clock.now_us)
    radio.advertise(20_000, report())
    sky.run(30_000_000)
    assert len(sky.heard["listener"]) <= len(events)
    assert len(sky.heard["listener"]) == pytest.approx(len(events), rel=0.06), (
        "some meet a window's end"
    )
    offsets = {
        round((at_us - max(e for e in events if e < at_us)) / 100)
        for at_us, _, _ in sky.heard["listener"][:300]
    }
    assert len(offsets) == 3, "the three channels follow each other"


def test_a_window_hears_its_share() -> None:
    sky = Sky()
    radio = sky.radio("listener")
    radio.scan(300_000, 60_000)
    sky.radio("sender").advertise(20_000, report())
    sky.run(60_000_000)
    moments = [at_us % 300_000 for at_us, _, _ in sky.heard["listener"]]
    assert max(moments) <= 60_000
    assert len(moments) == pytest.approx(60_000_000 / 25_000 * 0.2, rel=0.1)


def test_a_packet_must_lie_whole_within_the_window() -> None:
    sky = Sky()
    radio = sky.radio("listener")
    radio.scan(10_000_000, 1_000_000)
    assert radio.listens(37, 1_000_000 - 400, 1_000_000)
    assert not radio.listens(37, 1_000_000 - 399, 1_000_001)
    assert not radio.listens(38, 100, 500)
    assert radio.listens(38, 10_000_000, 10_000_400)
    assert radio.listens(39, 20_000_000, 20_000_400)
    assert radio.listens(37, 30_000_000, 30_000_400)


def test_nothing_is_heard_that_began_before_the_scan() -> None:
    sky = Sky()
    sky.run(1_000)
    radio = sky.listener()
    assert not radio.listens(37, 999, 1_400)
    assert radio.listens(37, 1_000, 1_400)
    radio.stop_scanning()
    assert not radio.listens(37, 1_000, 1_400)


@pytest.mark.parametrize("loss", [0.1, 0.5])
def test_packets_are_lost_at_the_rate_asked_for(loss: float) -> None:
    counts = []
    for rate in (0.0, loss):
        sky = Sky(rate)
        sky.listener()
        sky.radio("sender").advertise(20_000, report())
        sky.run(60_000_000)
        counts.append(len(sky.heard["listener"]))
    assert counts[1] / counts[0] == pytest.approx(1 - loss, abs=0.03)


def test_strength_is_the_path_loss_with_fading() -> None:
    sky = Sky()
    sky.listener()
    sky.air.set_path_loss("sender", "listener", 71.0)
    sky.radio("sender").advertise(20_000, report())
    sky.run(20_000_000)
    strengths = [rssi for _, _, rssi in sky.heard["listener"]]
    assert sum(strengths) / len(strengths) == pytest.approx(-71, abs=0.5)
    assert len(set(strengths)) > 5


def test_out_of_range_is_silence_for_that_pair_only() -> None:
    sky = Sky()
    for name in ("near", "far"):
        sky.listener(name)
    sky.air.set_path_loss("sender", "far", 200.0)
    sky.radio("sender").advertise(20_000, report())
    sky.run(2_000_000)
    assert sky.heard["far"] == []
    assert len(sky.heard["near"]) > 50


def collide(db_below: float) -> list[int]:
    """Send two packets at the same moments, the second so much weaker; return which were heard."""
    sky = Sky()
    radio = sky.listener()
    sky.air.set_path_loss("strong", "listener", 60.0)
    sky.air.set_path_loss("weak", "listener", 60.0 + db_below)
    strong, weak = sky.radio("strong"), sky.radio("weak")
    for _ in range(200):
        radio.scan(30_000, 30_000)
        sky.air.send(strong, report(1))
        sky.air.send(weak, report(2))
        sky.run(30_000)
    return [number for _, number, _ in sky.heard["listener"]]


def test_equals_drown_each_other() -> None:
    assert len(collide(0.0)) < 20


def test_the_stronger_captures_the_receiver() -> None:
    heard = collide(CAPTURE_DB + 12.0)
    assert heard.count(1) > 190
    assert heard.count(2) == 0


def test_other_channels_and_other_moments_do_not_collide() -> None:
    sky = Sky()
    sky.listener()
    first, second = sky.radio("first"), sky.radio("second")
    sky.air.send(first, report(1))
    sky.run(PACKET_US + 1)
    sky.air.send(second, report(2))
    sky.run(30_000)
    assert [number for _, number, _ in sky.heard["listener"]] == [1, 2]


def test_a_radio_hears_nothing_while_it_sends() -> None:
    sky = Sky()
    radio = sky.listener()
    other = sky.radio("other")
    radio.advertise(20_000, report(1))
    own: list[int] = []
    radio.on_advertising = lambda _data: own.append(sky.clock.now_us)
    other.advertise(20_000, report(2))
    sky.run(60_000_000)
    assert {number for _, number, _ in sky.heard["listener"]} == {2}, "nor itself, ever"
    during = [
        at_us
        for at_us, _, _ in sky.heard["listener"]
        if any(start < at_us - PACKET_US < start + EVENT_US for start in own if start < at_us)
    ]
    assert during == []
    assert len(sky.heard["listener"]) < 0.97 * 60_000_000 / 25_000


@pytest.mark.parametrize(("dbm", "heard"), [(-60.0, False), (-90.0, True)])
def test_jamming_drowns_what_is_not_well_above_it(dbm: float, heard: bool) -> None:
    sky = Sky()
    sky.listener()
    sky.air.set_path_loss("sender", "listener", 65.0)
    sky.radio("sender").advertise(20_000, report())
    sky.air.jam(1_000_000, 2_000_000, dbm)
    sky.run(3_000_000)
    moments = [at_us for at_us, _, _ in sky.heard["listener"]]
    assert any(1_000_000 < at_us < 2_000_000 for at_us in moments) is heard
    assert any(at_us < 1_000_000 for at_us in moments)
    assert any(at_us > 2_000_000 + PACKET_US for at_us in moments)


def test_a_stopped_or_replaced_advertisement_is_gone() -> None:
    sky = Sky()
    sky.listener()
    radio = sky.radio("sender")
    radio.advertise(20_000, report(1))
    sky.run(500_000)
    radio.advertise(20_000, report(2))
    changed_us = sky.clock.now_us
    sky.run(500_000)
    radio.stop_advertising()
    stopped_us = sky.clock.now_us
    sky.run(500_000)
    late = [number for at_us, number, _ in sky.heard["listener"] if at_us > changed_us + EVENT_US]
    assert set(late) == {2}
    assert max(at_us for at_us, _, _ in sky.heard["listener"]) <= stopped_us + EVENT_US


def test_same_seed_same_air(tmp_path: Path) -> None:
    def trace(seed: int) -> list[tuple[int, int, int]]:
        sky = Sky(0.1, seed)
        sky.listener()
        for number in range(4):
            sky.radio(f"sender {number}").advertise(20_000, report(number))
        sky.run(2_000_000)
        return sky.heard["listener"]

    assert trace(1) == trace(1)
    assert trace(1) != trace(2)
