from pathlib import Path

import pytest

from protocol.keys import Keys
from protocol.kinds import ACKNOWLEDGED, EMERGENCY, NONE, STORED
from protocol.messages import Answer, IncidentMessage, parse_downlink
from protocol.protect import Downlink, Uplink
from tools.virtual.lora_peer import STAGGER_US, LoraPeer
from tools.virtual.lora_radio import LoraRadio, Reception
from tools.virtual.lora_signal import channel
from tools.virtual.world import World

KEYS = {"box": bytes(range(16)), "button": bytes(range(16, 32))}
ALERT = IncidentMessage(EMERGENCY, 0, NONE, 0, 100)
FRAME_US = 164_864  # SF 9


class Sender:
    """A device that is nothing but a radio: it sends an alert and unprotects what it hears."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        keys = Keys(KEYS[name])
        self.uplink = Uplink(keys)
        self.downlink = Downlink(keys)
        self.heard: list[tuple[int, Reception]] = []
        self.radio: LoraRadio = world.lora.radio(name)
        self.radio.on_sent = self.radio.listen
        self.radio.on_packet = lambda got: self.heard.append((world.clock.now_us, got))

    def send(self, counter: int) -> bytes:
        frame = bytearray(15)
        self.uplink.protect(counter, ALERT.to_bytes(), frame)
        self.radio.transmit(bytes(frame), 14.0)
        return bytes(frame)

    def answers(self, counter: int) -> list[Answer]:
        """Return what unprotects as an answer to `counter`."""
        found = []
        for _, got in self.heard:
            content = bytearray(3)
            if got.whole and self.downlink.unprotect_into(counter, got.payload, content):
                found.append(parse_downlink(bytes(content)))
        return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, loss=0.0, micropython_argv=["none starts here"])


def test_it_hears_several_devices_and_tells_them_apart(world: World) -> None:
    peer = LoraPeer(world, KEYS, range(100))
    box, button = Sender(world, "box"), Sender(world, "button")
    frame = box.send(7)
    world.run_for(1)
    button.send(9)
    world.run_for(1)
    assert [(heard.device, heard.counter) for heard in peer.heard] == [("box", 7), ("button", 9)]
    assert peer.frames("box")[0].message == ALERT
    assert peer.frames("box")[0].frame == frame
    assert peer.frames("box")[0].at_us == FRAME_US
    assert peer.answers == []


def test_what_it_cannot_unprotect_is_nothing(world: World) -> None:
    peer = LoraPeer(world, {"button": KEYS["button"]}, range(10))
    box, button = Sender(world, "box"), Sender(world, "button")
    box.send(1)
    world.run_for(1)
    button.send(10)
    world.run_for(1)
    frame = bytearray(15)
    button.uplink.protect(3, ALERT.to_bytes(), frame)
    frame[-1] ^= 1
    button.radio.transmit(bytes(frame), 14.0)
    world.run_for(1)
    assert peer.heard == []


def test_it_answers_within_the_stagger_and_again_when_it_hears_again(world: World) -> None:
    peer = LoraPeer(world, KEYS)
    peer.answer_op = STORED
    peer.answer_mark = 3
    box = Sender(world, "box")
    for _ in range(2):
        box.send(5)
        world.run_for(2)
    assert box.answers(5) == [Answer(STORED, peer.answer_arg, mark=3)] * 2
    assert len(peer.heard) == 1
    assert len(peer.hearings) == 2
    for (at_us, device, counter), (heard_us, _) in zip(peer.answers, peer.hearings, strict=True):
        assert (device, counter) == ("box", 5)
        assert STAGGER_US <= at_us - heard_us <= STAGGER_US + 3 * FRAME_US + 10_000


def test_a_test_may_answer_itself(world: World) -> None:
    peer = LoraPeer(world, KEYS)
    box = Sender(world, "box")
    box.send(5)
    world.run_for(1)
    peer.answer(ACKNOWLEDGED, "box", 5)
    world.run_for(2)
    assert [answer.op for answer in box.answers(5)] == [ACKNOWLEDGED]


def test_of_two_peers_one_answers(world: World) -> None:
    peers = [LoraPeer(world, KEYS, name=f"peer {number}") for number in (1, 2)]
    for peer in peers:
        peer.answer_op = STORED
    box = Sender(world, "box")
    for counter in range(20):
        box.send(counter)
        world.run_for(5)
    both = [
        sum(answer[2] == counter for peer in peers for answer in peer.answers)
        for counter in range(20)
    ]
    assert min(both) == 1
    assert both.count(2) <= 6, "they begin at nearly the same moment"


def test_it_waits_while_somebody_transmits(world: World) -> None:
    peer = LoraPeer(world, KEYS)
    peer.answer_op = STORED
    box, button = Sender(world, "box"), Sender(world, "button")
    ends_us = []
    for counter in range(20):
        box.send(counter)
        world.run_for(FRAME_US / 1e6 + 0.035)
        button.radio.transmit(bytes(23), 14.0)  # foreign
        ends_us.append(world.clock.now_us + 200_000)
        world.run_for(4)
    early = sum(at_us < end_us for (at_us, _, _), end_us in zip(peer.answers, ends_us, strict=True))
    assert early <= 4, "detection misses some"


def test_it_is_tuned_to_the_channel_of_its_site(world: World) -> None:
    peer = LoraPeer(world, KEYS)
    peer.answer_op = STORED
    peer.tune(7, 869_462_500, 20.0)
    box = Sender(world, "box")
    box.send(1)
    world.run_for(2)
    box.radio.modulation = channel(7, 869_462_500)
    box.send(2)
    world.run_for(2)
    assert [heard.counter for heard in peer.heard] == [2]
    assert len(box.answers(2)) == 1
