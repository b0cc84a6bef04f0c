"""Heartbeats of a call box on an air that loses single transmissions: repeated until answered (SPEC 9)."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware.tests.boxed import SECOND_US, Boxed, kind_of
from protocol.kinds import EMERGENCY, HEARTBEAT, STORED
from tools.virtual.lora_radio import Packet

HEARTBEAT_S = 300
MISSING_US = 1_080 * SECOND_US  # 3.6 heartbeats: a gateway calls a box missing then


@dataclass(frozen=True)
class Sent:
    """One transmission of a heartbeat."""

    start_us: int
    end_us: int
    frame: bytes


class Beats:
    """What of the box's heartbeats was on air, and which transmissions the gateway heard."""

    def __init__(self, box: Boxed) -> None:
        self._box = box
        self._packets: list[Packet] = []
        box.world.lora.on_air = self._packets.append

    def __iter__(self) -> Iterator[list[Sent]]:
        """Yield the transmissions of each frame; a gateway that heard none cannot tell its kind."""
        for frame, packets in itertools.groupby(self._of_the_box(), lambda one: one.payload):
            yield [Sent(one.start_us, one.end_us, frame) for one in packets]

    def heard(self, sent: Sent) -> bool:
        return (sent.end_us, sent.frame) in self._box.gateway.hearings

    def _of_the_box(self) -> Iterator[Packet]:
        return (one for one in self._packets if one.sender.name == self._box.device.name)


def longest_silence_us(times_us: list[int]) -> int:
    return max(later - earlier for earlier, later in itertools.pairwise(times_us))


@pytest.mark.parametrize(("sf", "most"), [(7, 4), (9, 4), (12, 2)])
def test_one_that_nobody_answers_is_sent_again_while_it_is_young(
    tmp_path: Path, sf: int, most: int
) -> None:
    with Boxed(tmp_path, lora_sf=sf) as box:
        box.device.power_on()
        box.run(HEARTBEAT_S)
        beats = Beats(box)
        box.run(6 * HEARTBEAT_S)
        found = list(beats)
        air_us = box.gateway.radio.modulation.time_on_air_us(15)
        assert {len(beat) for beat in found} == {most}
        for beat in found:
            assert beat[-1].end_us - beat[0].start_us < 8 * SECOND_US
            for one, again in itertools.pairwise(beat):
                assert again.start_us - one.end_us > 3 * air_us + 40_000  # an answer comes sooner
        pauses = [
            again.start_us - one.end_us for beat in found for one, again in itertools.pairwise(beat)
        ]
        assert max(pauses) - min(pauses) > 500_000, "two boxes must not repeat in step"
        assert {kind_of(heard.message) for heard in box.heard()} == {HEARTBEAT}


def test_one_that_is_answered_is_sent_once(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        beats = Beats(box)
        box.run(5 * HEARTBEAT_S)
        assert [len(beat) for beat in beats] == [1] * 5


def test_an_answer_to_the_second_ends_it(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=None) as box:
        box.start()
        beats = Beats(box)
        assert box.until(lambda: list(beats), HEARTBEAT_S)
        box.run(0.3)
        box.gateway.answer_op = STORED
        box.run(20)
        assert [len(beat) for beat in beats] == [2]


def test_an_alert_takes_the_place_of_one_that_waits(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=None) as box:
        box.start()
        beats = Beats(box)
        assert box.until(lambda: list(beats), HEARTBEAT_S)
        box.run(0.3)
        pressed_us = box.press()
        call = box.waits_for(EMERGENCY, 5, pressed_us)
        assert call is not None
        assert call.at_us - pressed_us < 0.5 * SECOND_US
        box.run(20)
        assert next(len(beat) for beat in beats) == 1


def test_where_it_would_take_the_airtime_of_all_else_it_is_not_sent_again(tmp_path: Path) -> None:
    with Boxed(tmp_path, heartbeat_s=30) as box:
        box.start()
        beats = Beats(box)
        box.run(300)
        assert [len(beat) for beat in beats] == [1] * 10


@pytest.mark.slow
def test_with_one_transmission_in_five_lost_it_is_never_taken_for_missing(tmp_path: Path) -> None:
    """And would be if each heartbeat were sent once: the first transmissions alone leave such gaps."""
    with Boxed(tmp_path, answer=STORED, loss=0.2) as box:
        box.start()
        beats = Beats(box)
        box.run(2 * 86_400)
        heard = [
            next(sent.end_us for sent in beat if beats.heard(sent))
            for beat in beats
            if any(beats.heard(sent) for sent in beat)
        ]
        first = [beat[0].end_us for beat in beats if beats.heard(beat[0])]
        lost = 1 - len(first) / len(list(beats))
        print(f"{len(list(beats))} heartbeats, {len(heard)} heard, {lost:.1%} lost at first")
        assert 0.15 < lost < 0.25
        assert longest_silence_us(heard) < MISSING_US
        assert longest_silence_us(first) > MISSING_US
