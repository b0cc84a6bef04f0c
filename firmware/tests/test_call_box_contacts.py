"""Tamper and cabinet loops, mains, a stuck button, on the real MicroPython."""

import itertools
from pathlib import Path

import pytest

from firmware.tests.boxed import BUTTON, PINS, SECOND_US, Boxed, first_of
from protocol.kinds import (
    ACKNOWLEDGED,
    CABINET_OPEN,
    CONTACT_STUCK,
    EMERGENCY,
    FAULT,
    HEARTBEAT,
    MAINS_LOST,
    STORED,
    TAMPER,
)
from protocol.messages import IncidentMessage


def test_opening_the_box_is_an_alert_until_a_person_takes_it(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        opened_us = box.now_us
        box.open(PINS.tamper)
        call = box.waits_for(TAMPER, 5, opened_us)
        assert call is not None
        assert call.at_us - opened_us < 2 * SECOND_US
        assert box.level("siren")
        box.gateway.answer_op = ACKNOWLEDGED
        assert box.until(lambda: felt(box, TAMPER) == ACKNOWLEDGED, 90)
        box.run(5)
        assert not box.level("siren")
        count = len(box.heard(TAMPER))
        box.run(300)
        assert len(box.heard(TAMPER)) == count, "it stays open, and is told once"
        box.close(PINS.tamper)
        box.run(5)
        box.open(PINS.tamper)
        box.run(5)
        assert len({first_of(heard) for heard in box.heard(TAMPER)}) == 2


def felt(box: Boxed, kind: int) -> int:
    message = box.heard(kind)[-1].message
    assert isinstance(message, IncidentMessage)
    return message.felt


def test_opening_the_box_during_a_call_is_told_beside_it(tmp_path: Path) -> None:
    with Boxed(tmp_path) as box:
        box.start()
        box.press()
        assert box.waits_for(EMERGENCY, 5)
        box.open(PINS.tamper)
        assert box.waits_for(TAMPER, 10)
        box.run(30)
        calls, tampers = box.heard(EMERGENCY), box.heard(TAMPER)
        assert {first_of(heard) for heard in calls}.isdisjoint(map(first_of, tampers))
        assert len(calls) >= 4
        assert len(tampers) >= 3
        box.gateway.answer(ACKNOWLEDGED, "box", calls[-1].counter)
        box.run(60)
        assert felt(box, EMERGENCY) == ACKNOWLEDGED
        assert felt(box, TAMPER) == 0
        assert box.heard(TAMPER)[-1].at_us > box.now_us - 10 * SECOND_US, "it goes on"


def test_a_box_that_gets_power_with_its_loop_open_says_so(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.open(PINS.tamper)
        box.start(10)
        assert box.heard(TAMPER)


def test_loss_of_mains_is_told_after_3_s_and_its_return(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        for seconds in (0.5, 2.5):
            box.device.drive(PINS.mains, 0)
            box.run(seconds)
            box.device.drive(PINS.mains, 1)
            box.run(70)
        assert box.told() == []
        box.device.drive(PINS.mains, 0)
        box.run(70)
        assert box.told() == [("fault", MAINS_LOST, 0)]
        since_us = box.now_us
        box.run(1_200)
        beats = box.heard(HEARTBEAT, since_us)
        assert 3 <= len(beats) <= 4, "as often as ever"
        assert any(beat.counter % 8 == 4 and beat.message.word() >> 11 & 4 for beat in beats)
        box.device.drive(PINS.mains, 1)
        box.run(70)
        assert box.told() == [("fault", MAINS_LOST, 0), ("restore", MAINS_LOST, 0)]
        assert len(box.heard(FAULT)) == 1, "once stored it is told no more"


@pytest.mark.slow
def test_an_open_cabinet_is_told_and_its_closing(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        box.open(PINS.cabinet)
        box.run(10)
        box.close(PINS.cabinet)
        box.run(10)
        assert box.told() == [("fault", CABINET_OPEN, 0), ("restore", CABINET_OPEN, 0)]


@pytest.mark.slow
def test_a_stuck_button_is_told_and_the_call_it_made_goes_on(tmp_path: Path) -> None:
    with Boxed(tmp_path) as box:
        box.start()
        box.device.drive(BUTTON, 0)
        box.run(58)
        assert box.told() == []
        box.run(10)
        assert box.told() == [("fault", CONTACT_STUCK, 0)]
        calls = box.heard(EMERGENCY)
        assert len({first_of(heard) for heard in calls}) == 1
        assert calls[-1].at_us > box.now_us - 10 * SECOND_US
        box.gateway.answer_op = STORED
        box.run(200)  # the fault is told again while it waits for an answer
        box.device.drive(BUTTON, 1)
        box.run(10)
        assert box.told()[-1] == ("restore", CONTACT_STUCK, 0)


@pytest.mark.slow
def test_a_button_that_is_down_when_power_comes_calls_nobody(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.device.drive(BUTTON, 0)
        box.start(90)
        assert box.heard(EMERGENCY) == []
        assert box.told() == [("fault", CONTACT_STUCK, 0)]


@pytest.mark.slow
def test_a_fault_is_told_until_somebody_hears_it(tmp_path: Path) -> None:
    with Boxed(tmp_path) as box:
        box.start()
        box.open(PINS.cabinet)
        box.run(250)
        tries = [round(heard.at_us / SECOND_US) for heard in box.heard(FAULT)]
        waits = [b - a for a, b in itertools.pairwise(tries)]
        assert len(waits) == 4
        assert all(abs(b - a) <= 1 for a, b in zip(waits, (5, 15, 45, 120), strict=True))
        box.run(600)
        assert len(box.heard(FAULT)) == 7, "and with every heartbeat"
        box.gateway.answer_op = STORED
        box.run(600)
        count = len(box.heard(FAULT))
        box.run(1_200)
        assert len(box.heard(FAULT)) == count <= 9
