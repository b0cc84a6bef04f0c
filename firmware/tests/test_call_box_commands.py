"""What a gateway may tell a call box to do, on the real MicroPython."""

from pathlib import Path

import pytest

from firmware.tests.boxed import BUTTON, SECOND_US, Boxed, kind_of
from protocol.kinds import (
    DELIVERED,
    EMERGENCY,
    HEARTBEAT,
    IDENTIFY,
    LIGHT,
    REPORT,
    SIREN,
    STORED,
    TEST,
    WALK_TEST,
)
from protocol.messages import Report


def command(box: Boxed, op: int, arg: int, seq: int = 1) -> bool:
    """Command it for its last frame; return whether it reports that it did."""
    since_us = box.now_us + 1
    box.gateway.answer_arg = arg
    box.gateway.answer(op, "box", box.gateway.heard[-1].counter, seq)
    report = box.waits_for(REPORT, 10, since_us)
    assert report is not None
    assert isinstance(report.message, Report)
    assert (report.message.op, report.message.seq) == (op, seq)
    return bool(report.message.ok)


def test_siren_light_and_identify_by_command(tmp_path: Path) -> None:
    with Boxed(tmp_path) as box:
        box.start()
        assert command(box, SIREN, 20)
        assert box.level("siren")
        assert command(box, LIGHT, 30)
        assert box.level("lamp")
        box.run(22)
        assert not box.level("siren")
        assert command(box, LIGHT, 0)
        assert not box.level("lamp")
        assert command(box, IDENTIFY, 0)
        assert set(box.blinks(4)) <= {50, 75}
        box.run(10)
        assert not box.level("lamp")


@pytest.mark.slow
def test_a_command_minutes_after_the_heartbeat_is_done_and_after_five_no_more(
    tmp_path: Path,
) -> None:
    with Boxed(tmp_path, heartbeat_s=3_600) as box:
        box.start(65)
        beat = box.heard(HEARTBEAT)[-1]
        box.run((beat.at_us + 290 * SECOND_US - box.now_us) / SECOND_US)
        assert command(box, SIREN, 5)
        box.run(301)
        box.gateway.answer(SIREN, "box", box.gateway.heard[-1].counter, 2)
        box.run(10)
        assert len(box.heard(REPORT)) == 1


def test_no_command_silences_a_call(tmp_path: Path) -> None:
    with Boxed(tmp_path) as box:
        box.start()
        box.press()
        box.run(1)
        for op in (SIREN, LIGHT, WALK_TEST):
            assert not command(box, op, 0)
        assert command(box, SIREN, 1, seq=2)
        box.run(5)
        assert box.level("siren")
        assert set(box.blinks(2)) == {125}


def test_in_a_walk_test_a_press_is_a_test_and_a_long_one_is_real(tmp_path: Path) -> None:
    with Boxed(tmp_path, answer=STORED) as box:
        box.start()
        box.gateway.answer_op = None
        assert command(box, WALK_TEST, 10)
        assert set(box.blinks(10)) == {100}
        box.gateway.answer_op = DELIVERED
        box.press()
        assert box.waits_for(TEST, 5)
        assert not box.level("siren")
        box.run(1)
        assert box.until(lambda: not box.blinks(2) and box.level("lamp"), 10), "answered"
        box.run(30)
        assert box.heard(EMERGENCY) == []
        box.gateway.answer_op = None
        since_us = box.now_us
        box.press(3.5)
        box.run(2)
        kinds = [kind_of(heard.message) for heard in box.heard(since_us=since_us)]
        assert kinds[0] == TEST
        assert kinds[-1] == EMERGENCY
        assert box.level("siren")


@pytest.mark.slow
def test_a_walk_test_ends_by_itself(tmp_path: Path) -> None:
    with Boxed(tmp_path) as box:
        box.start()
        assert command(box, WALK_TEST, 1)
        box.run(61)
        box.press(button=BUTTON)
        assert box.waits_for(EMERGENCY, 5)
        assert box.heard(TEST) == []
