"""Calls for help on the real MicroPython: by LoRa and BLE, through jamming, and with a dead radio."""

import itertools
from pathlib import Path

import pytest

from firmware.tests.boxed import PINS, SECOND_BUTTON, SECOND_US, Boxed, first_of, kind_of
from protocol.kinds import (
    ACKNOWLEDGED,
    CLOSED,
    DELIVERED,
    EMERGENCY,
    HEARTBEAT,
    RADIO_FAILED,
    STORED,
)
from protocol.messages import Condition, IncidentMessage
from tools import micropython


def press_to_help(box: Boxed) -> None:
    """A press, all the way; what people see and hear with each stage."""
    box.start()
    box.gateway.answer_op = None
    pressed_us = box.press()
    call = box.waits_for(EMERGENCY, 5, pressed_us)
    assert call is not None
    assert call.counter % 16 == 0
    assert call.at_us - pressed_us < 1.5 * SECOND_US, "50 ms, and once on air"
    assert set(box.blinks(1)) == {125}
    assert box.level("siren")
    box.gateway.answer_op = STORED
    box.run(45)
    assert set(box.blinks(3)) == {500}
    for op, level in ((DELIVERED, 1), (ACKNOWLEDGED, 0)):
        box.gateway.answer(op, "box", box.heard(EMERGENCY)[-1].counter)
        box.run(10)
        assert box.level("siren") == level
    assert box.blinks(5) == []
    assert box.level("lamp")
    last = box.heard(EMERGENCY)[-1].message
    assert isinstance(last, IncidentMessage)
    assert last.felt == ACKNOWLEDGED
    box.gateway.answer(CLOSED, "box", box.heard(EMERGENCY)[-1].counter)
    box.run(10)
    assert not box.level("lamp")
    assert {first_of(heard) for heard in box.heard(EMERGENCY)} == {call.counter}
    assert box.chip.faults == []
    assert box.log.read_text() == ""


@pytest.mark.parametrize(
    "sf", [pytest.param(7, marks=pytest.mark.slow), 9, pytest.param(12, marks=pytest.mark.slow)]
)
def test_a_press_is_stored_passed_on_and_answered_by_a_person(tmp_path: Path, sf: int) -> None:
    with Boxed(tmp_path, answer=STORED, lora_sf=sf) as box:
        press_to_help(box)


@pytest.mark.slow
def test_the_same_on_32_bits(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED, micropython_argv=micropython.command("i386")) as box:
        press_to_help(box)


def test_either_button_calls_and_calling_again_is_the_same_call(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        box.press(button=SECOND_BUTTON)
        assert box.waits_for(EMERGENCY, 5)
        box.run(5)
        again_us = box.press()
        assert box.waits_for(EMERGENCY, 10, again_us)
        assert len({first_of(heard) for heard in box.heard(EMERGENCY)}) == 1


def test_a_touch_too_short_to_be_meant_is_nothing(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        for _ in range(20):
            box.press(0.03)
            box.run(0.02)
        box.run(5)
        assert box.heard(EMERGENCY) == []


@pytest.mark.slow
def test_siren_stops_after_its_time_and_the_light_does_not(tmp_path: Path) -> None:
    with Boxed(tmp_path, siren_s=5) as box:
        box.start()
        box.press()
        box.run(4)
        assert box.level("siren")
        box.run(3)
        assert not box.level("siren")
        assert box.blinks(1)


def test_jammed_for_a_minute_it_calls_on_and_gets_through(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        box.world.lora.jam(box.now_us, box.now_us + 60 * SECOND_US, -40.0)
        pressed_us = box.press()
        box.run(59)
        assert box.heard(EMERGENCY) == []
        assert 125 in box.blinks(0.5)
        call = box.waits_for(EMERGENCY, 10, pressed_us)
        assert call is not None
        assert call.at_us - pressed_us < 67 * SECOND_US
        assert box.until(lambda: 500 in box.blinks(1), 10), "stored is shown"


def test_a_dead_lora_chip_is_told_by_ble_and_calls_go_there(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED, ble_gateway=True) as box:
        assert box.ble_gateway is not None
        box.start()
        box.chip.silent = 0xFF
        assert box.until(lambda: heard_by_ble(box, RADIO_FAILED), 120)
        pressed_us = box.press()
        assert box.until(
            lambda: [
                heard
                for heard in box.ble_gateway.heard  # type: ignore[union-attr]
                if kind_of(heard.message) == EMERGENCY and heard.at_us >= pressed_us
            ],
            2,
        )
        box.run(2)
        assert 500 in box.blinks(2), "stored is shown"
        box.chip.silent = None
        box.gateway.answer_op = STORED
        box.run(30)
        assert [told[1] for told in box.told()][-1:] == [RADIO_FAILED]


def heard_by_ble(box: Boxed, code: int) -> bool:
    assert box.ble_gateway is not None
    return any(
        isinstance(heard.message, Condition) and heard.message.code == code
        for heard in box.ble_gateway.heard
    )


@pytest.mark.slow
def test_both_radios_carry_the_same_bytes(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED, ble_gateway=True) as box:
        assert box.ble_gateway is not None
        box.start()
        box.press()
        box.run(30)
        by_ble = {heard.counter: heard.frame for heard in box.ble_gateway.heard}
        by_lora = {heard.counter: heard.frame for heard in box.gateway.heard}
        both = by_ble.keys() & by_lora.keys()
        assert any(counter % 16 == 0 for counter in both)
        assert all(by_ble[counter] == by_lora[counter] for counter in both)


def test_a_gateway_with_ble_alone_is_enough(tmp_path: Path) -> None:
    with Boxed(tmp_path, ble_gateway=True) as box:
        assert box.ble_gateway is not None
        box.world.lora.default_path_loss_db = 250.0
        box.start()
        box.ble_gateway.answer_op = ACKNOWLEDGED
        box.press()
        box.run(5)
        assert box.level("lamp")
        assert box.blinks(3) == [], "help is coming"


@pytest.mark.slow
def test_heartbeats_come_every_five_minutes_and_tell_of_the_box(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start(3_000)
        beats = box.heard(HEARTBEAT)
        assert 9 <= len(beats) <= 11
        seconds = [round(beat.at_us / SECOND_US) for beat in beats]
        assert {b - a for a, b in itertools.pairwise(seconds)} <= {299, 300, 301}
        assert beats[0].at_us < 62 * SECOND_US
        told = {beat.counter % 8: beat.message for beat in beats}
        battery, status = told[0], told[4]
        assert abs(1_600 + 20 * getattr(battery, "data", 0) - 4_100) <= 40
        assert getattr(status, "data", -1) & 0xF == 0, "nothing is wrong"
        assert PINS.battery is not None
