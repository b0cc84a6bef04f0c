import random
from dataclasses import replace
from functools import partial

import pytest

from protocol import airtime
from tools.virtual import lora_air
from tools.virtual.clock import Clock
from tools.virtual.lora_air import LoraAir
from tools.virtual.lora_radio import LoraRadio, Reception
from tools.virtual.lora_signal import SNR_LIMIT_DB, Modulation, channel, understood

FRAME = bytes(range(15))
SF9_SYMBOL_US = 4_096
SF9_FRAME_US = 164_864


class Sky:
    """An air without fading, and what each of its radios noticed: (what, moment)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, loss: float = 0.0, seed: int = 1) -> None:
        monkeypatch.setattr(lora_air, "FADING_DB", 0.0)
        self.clock = Clock()
        self.air = LoraAir(self.clock, random.Random(seed), loss)
        self.noticed: dict[str, list[tuple[str, int]]] = {}
        self.got: dict[str, list[Reception]] = {}

    def radio(self, name: str, how: Modulation | None = None) -> LoraRadio:
        radio = self.air.radio(name)
        radio.modulation = how or channel()
        noticed: list[tuple[str, int]] = []
        got: list[Reception] = []
        self.noticed[name], self.got[name] = noticed, got
        radio.on_preamble = lambda: noticed.append(("preamble", self.clock.now_us))
        radio.on_header = lambda: noticed.append(("header", self.clock.now_us))
        radio.on_bad_header = lambda: noticed.append(("bad header", self.clock.now_us))
        radio.on_sent = lambda: noticed.append(("sent", self.clock.now_us))
        radio.on_packet = got.append
        return radio

    def listener(self, name: str = "listener", how: Modulation | None = None) -> LoraRadio:
        radio = self.radio(name, how)
        radio.listen()
        return radio

    def run(self, us: int) -> None:
        until_us = self.clock.now_us + us
        while self.clock.step(until_us):
            pass

    def whole(self, name: str = "listener") -> list[bytes]:
        return [reception.payload for reception in self.got[name] if reception.whole]


@pytest.fixture
def sky(monkeypatch: pytest.MonkeyPatch) -> Sky:
    return Sky(monkeypatch)


def test_a_packet_is_noticed_step_by_step_and_ends_after_its_time_on_air(sky: Sky) -> None:
    sky.listener()
    sky.radio("sender").transmit(FRAME, 14.0)
    sky.run(1_000_000)
    assert airtime.time_on_air_us(15, 9) == SF9_FRAME_US
    assert sky.noticed["listener"] == [
        ("preamble", 5 * SF9_SYMBOL_US),
        ("header", round(20.25 * SF9_SYMBOL_US)),
    ]
    assert sky.noticed["sender"] == [("sent", SF9_FRAME_US)]
    assert sky.got["listener"] == [Reception(FRAME, whole=True, rssi=-86.0, snr=13.0)]


def test_a_radio_hears_nothing_while_it_sends_nor_itself(sky: Sky) -> None:
    first, second = sky.listener("first"), sky.listener("second")
    first.transmit(FRAME, 14.0)
    second.transmit(FRAME, 14.0)
    sky.run(1_000_000)
    assert sky.got["first"] == sky.got["second"] == []


@pytest.mark.parametrize(("late_symbols", "heard"), [(2.9, True), (3.1, False)])
def test_five_symbols_of_the_preamble_are_enough(
    sky: Sky, late_symbols: float, heard: bool
) -> None:
    radio = sky.radio("listener")
    sky.radio("sender").transmit(FRAME, 14.0)
    sky.run(round(late_symbols * SF9_SYMBOL_US))
    radio.listen()
    sky.run(1_000_000)
    assert bool(sky.whole()) is heard


@pytest.mark.parametrize("sf", range(7, 13))
def test_range_ends_at_the_sensitivity_of_each_spreading_factor(sky: Sky, sf: int) -> None:
    sensitivity = -117.0 + SNR_LIMIT_DB[sf]
    for name, margin in (("near", 0.5), ("far", -0.5)):
        sky.listener(name, channel(sf))
        sky.air.set_path_loss("sender", name, 14.0 - sensitivity - margin)
    sky.radio("sender", channel(sf)).transmit(FRAME, 14.0)
    sky.run(5_000_000)
    assert sky.whole("near") == [FRAME]
    assert sky.got["far"] == []
    assert sky.got["near"][0].snr == pytest.approx(SNR_LIMIT_DB[sf] + 0.5, abs=0.1)


@pytest.mark.parametrize("name", ["sf", "hz", "bandwidth_khz", "inverted"])
def test_a_receiver_that_is_set_otherwise_notices_nothing(sky: Sky, name: str) -> None:
    other = {"sf": 8, "hz": 869_587_500, "bandwidth_khz": 250, "inverted": True}[name]
    sky.listener(how=replace(channel(), **{name: other}))  # type: ignore[arg-type]
    sky.radio("sender").transmit(FRAME, 14.0)
    sky.run(1_000_000)
    assert sky.noticed["listener"] == []


def test_a_foreign_sync_word_holds_the_receiver_only_until_it_is_known(sky: Sky) -> None:
    sky.listener()
    foreign = sky.radio("foreign", replace(channel(), sync_word=0x3444))
    ours = sky.radio("ours")
    foreign.transmit(FRAME, 14.0)
    sky.run(13 * SF9_SYMBOL_US)
    sky.air.set_path_loss("ours", "listener", 90.0)
    ours.transmit(FRAME, 14.0)
    sky.run(1_000_000)
    assert [what for what, _ in sky.noticed["listener"]] == ["preamble", "preamble", "header"]
    assert len(sky.whole()) == 1


def test_an_optimisation_for_low_rates_on_one_side_only_breaks_the_packet(sky: Sky) -> None:
    sky.listener(how=replace(channel(12), ldro=False))
    sky.radio("sender", channel(12)).transmit(FRAME, 14.0)
    sky.run(3_000_000)
    assert [reception.whole for reception in sky.got["listener"]] == [False]


def collide(sky: Sky, db_below: float, after_symbols: float, sf: int = 9) -> list[tuple[str, bool]]:
    """Send A, and so much later and weaker B; return what was received, and whether whole."""
    sky.listener()
    sky.air.set_path_loss("a", "listener", 100.0)
    sky.air.set_path_loss("b", "listener", 100.0 + db_below)
    a, b = sky.radio("a"), sky.radio("b", channel(sf))
    a.transmit(b"A" * 15, 14.0)
    sky.run(round(after_symbols * SF9_SYMBOL_US))
    b.transmit(b"B" * 15, 14.0)
    sky.run(3_000_000)
    return [(chr(got.payload[0]), got.whole) for got in sky.got["listener"]]


def test_equals_that_begin_together_drown_each_other(sky: Sky) -> None:
    assert collide(sky, 0.0, 0.0) == []


@pytest.mark.parametrize(("db_below", "whole"), [(6.5, True), (5.5, False)])
def test_six_decibels_save_the_packet_that_the_receiver_follows(
    sky: Sky, db_below: float, whole: bool
) -> None:
    assert collide(sky, db_below, 25.0) == [("A", whole)]


def test_the_stronger_of_two_that_begin_together_is_received(sky: Sky) -> None:
    assert collide(sky, -7.0, 0.5) == [("B", True)]


def test_a_receiver_that_follows_a_packet_does_not_leave_it_for_a_stronger_one(sky: Sky) -> None:
    assert collide(sky, -20.0, 25.0) == [("A", False)]


def test_a_header_that_is_drowned_frees_the_receiver(sky: Sky) -> None:
    assert collide(sky, -20.0, 18.0) == [("B", True)]
    assert [what for what, _ in sky.noticed["listener"]] == [
        "preamble",
        "bad header",
        "preamble",
        "header",
    ]


@pytest.mark.parametrize(("left_symbols", "heard"), [(5.1, True), (4.9, False)])
def test_what_ends_before_the_last_five_symbols_of_a_preamble_does_no_harm(
    sky: Sky, left_symbols: float, heard: bool
) -> None:
    radio, other = sky.radio("listener"), sky.radio("other")
    other.transmit(FRAME, 14.0)
    sky.run(SF9_FRAME_US - round((8 - left_symbols) * SF9_SYMBOL_US))
    radio.listen()  # has missed the preamble of the first
    sky.radio("sender").transmit(FRAME, 14.0)
    sky.run(1_000_000)
    assert bool(sky.whole()) is heard


@pytest.mark.parametrize(("db_below", "whole"), [(-12.0, True), (-14.0, False)])
def test_another_spreading_factor_harms_only_when_it_is_much_stronger(
    sky: Sky, db_below: float, whole: bool
) -> None:
    assert collide(sky, db_below, 25.0, sf=8) == [("A", whole)]


@pytest.mark.parametrize(
    ("hz", "harmed"), [(None, True), (869_525_000, True), (868_100_000, False)]
)
def test_jamming_ends_packets_that_it_overlaps(sky: Sky, hz: int | None, harmed: bool) -> None:
    sky.listener()
    sky.air.jam(100_000, 120_000, -70.0, hz)
    sender = sky.radio("sender")
    sender.transmit(FRAME, 14.0)
    sky.run(500_000)
    sender.transmit(FRAME, 14.0)
    sky.run(500_000)
    assert [got.whole for got in sky.got["listener"]] == [not harmed, True]


def test_power_in_the_channel_is_noise_and_jamming_and_signals(sky: Sky) -> None:
    radio = sky.listener()

    def power(count: int = 200) -> float:
        return sum(radio.rssi() for _ in range(count)) / count

    assert power() == pytest.approx(-117, abs=0.5)
    sky.air.jam(0, 1_000_000, -90.0)
    assert power() == pytest.approx(-90, abs=0.5)
    sky.radio("sender").transmit(FRAME, 14.0)
    assert power() == pytest.approx(-84.5, abs=0.5), "-86 and -90 dBm"
    sky.run(2_000_000)
    assert power() == pytest.approx(-117, abs=0.5)


def detections(sky: Sky, at_symbols: float, how: Modulation | None = None) -> int:
    """Return how many of 300 detections over 4 symbols find a packet that began before."""
    radio = sky.radio("looking", how)
    sky.radio("sender").transmit(FRAME, 14.0)
    sky.run(round((at_symbols + 4) * SF9_SYMBOL_US))
    since_us = sky.clock.now_us - 4 * SF9_SYMBOL_US
    return sum(radio.active(since_us) for _ in range(300))


def test_activity_is_detected_in_preamble_and_data_and_not_in_silence(sky: Sky) -> None:
    assert detections(sky, 2.0) >= 297
    sky.run(1_000_000)
    assert 285 <= detections(sky, 25.0) < 300
    sky.run(1_000_000)
    assert detections(sky, 60.0) <= 5


def test_activity_of_another_spreading_factor_or_under_jamming_is_not_detected(sky: Sky) -> None:
    assert detections(sky, 2.0, channel(7)) <= 5
    sky.run(1_000_000)
    sky.air.jam(sky.clock.now_us, sky.clock.now_us + 1_000_000, -60.0)
    assert detections(sky, 2.0) <= 5


def test_a_transmission_that_is_cut_is_received_broken(sky: Sky) -> None:
    sky.listener()
    radio = sky.radio("sender")
    radio.transmit(FRAME, 14.0)
    sky.run(100_000)
    radio.idle()
    sky.run(1_000_000)
    assert [got.whole for got in sky.got["listener"]] == [False]
    assert sky.noticed["sender"] == []


def test_packets_are_lost_at_the_rate_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sky = Sky(monkeypatch, loss=0.2)
    sky.listener()
    sender = sky.radio("sender")
    for _ in range(500):
        sender.transmit(FRAME, 14.0)
        sky.run(200_000)
    assert len(sky.whole()) == pytest.approx(400, abs=30)


def test_the_same_seed_makes_the_same_air() -> None:
    def trace(seed: int) -> list[tuple[bool, float]]:
        clock = Clock()
        air = LoraAir(clock, random.Random(seed), 0.1)
        got: list[tuple[bool, float]] = []
        listener = air.radio("listener")
        listener.on_packet = lambda reception: got.append((reception.whole, reception.rssi))
        listener.listen()

        def send(sender: LoraRadio) -> None:
            sender.transmit(FRAME, 14.0)

        for number in range(40):
            sender = air.radio(f"sender {number}")
            clock.at(number * 90_000, partial(send, sender))
        while clock.step(10_000_000):
            pass
        return got

    assert trace(1) == trace(1)
    assert trace(1) != trace(2)


def test_several_weak_interferers_add_up() -> None:
    weak = (9, 10 ** (-9.3))  # 7 dB below -86 dBm
    assert understood(-86.0, 9, [weak], 1e-12)
    assert not understood(-86.0, 9, [weak, weak], 1e-12)
