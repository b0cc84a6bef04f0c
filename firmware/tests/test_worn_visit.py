"""A timed visit on the real MicroPython: begun, kept over sleep and resets, reminded of, ended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.tests.worn import SECOND_CONTACT, SECOND_US, Worn
from protocol import kinds
from protocol.constants import TIME_UNKNOWN
from protocol.kinds import COVERED, PLAN_OK, STORED
from protocol.messages import IncidentMessage, VisitStart
from tools.virtual.device import Power


def visitor(
    tmp_path: Path, *, second: str = "---ve", heartbeat_s: int = 900, reserved: int = 0
) -> Worn:
    """Return a button of which the second contact begins visits, and ends them when held for 5 s."""
    return Worn(
        tmp_path,
        loss=0.0,
        reserved=reserved,
        second=second,
        visit_min=10,
        heartbeat_s=heartbeat_s,
    )


def begin(worn: Worn) -> int:
    """Begin a visit; return when it was felt to run."""
    worn.gateway.answer_op = STORED
    worn.start(settle_s=5)
    worn.press(0.9, SECOND_CONTACT)
    at_us = worn.feels("visit", 10)
    assert at_us is not None
    assert worn.sleeps(10)
    return at_us


def starts(worn: Worn) -> list[int]:
    return [h.counter for h in worn.gateway.heard if isinstance(h.message, VisitStart)]


def ends(worn: Worn) -> list[int]:
    """Return the first counters that were named as ended."""
    return [
        ((h.counter >> 4) - h.message.block) << 4
        for h in worn.gateway.heard
        if isinstance(h.message, IncidentMessage) and h.message.kind == kinds.VISIT_END
    ]


def end(worn: Worn) -> None:
    worn.press(5.3, SECOND_CONTACT)


def test_a_visit_from_its_start_to_its_end(tmp_path: Path) -> None:
    with visitor(tmp_path) as worn:
        begin(worn)
        worn.world.run_for(60)
        end(worn)
        assert worn.feels("visit_ended", 5)
        assert worn.sleeps(10)
        worn.world.run_for(900)
        # The hand that holds for its end passes what a hold means: another start, which is ended too
        assert ends(worn)[0] in starts(worn)
        assert "reminder" not in worn.felt()
        assert worn.log.read_text() == ""


@pytest.mark.parametrize(
    "reserved", [pytest.param(at, marks=[] if at == 15 else pytest.mark.slow) for at in range(16)]
)
def test_visits_that_follow_each_other_at_once_all_tell_their_time(
    tmp_path: Path, reserved: int
) -> None:
    """Each begins at a multiple of 16: a frame without enough counters behind it would be unverified."""
    with visitor(tmp_path, second="-ve--", reserved=reserved) as worn:
        worn.gateway.answer_op = STORED
        worn.start(settle_s=100)
        since_us = worn.now_us
        worn.taps(0.1)
        assert worn.feels("covered", 3)
        for _ in range(3):
            for taps, name in ((2, "visit"), (3, "visit_ended")):
                tapped_us = worn.now_us
                worn.taps(*[0.1] * (2 * taps - 1), contact=SECOND_CONTACT)
                assert worn.feels(name, 5, tapped_us)
        frames = [heard for heard in worn.gateway.heard if heard.at_us > since_us]
        assert len(starts(worn)) == len(set(starts(worn))) == 3
        assert all(heard.message.word() & 2047 != TIME_UNKNOWN for heard in frames)


@pytest.mark.slow
def test_the_wearer_is_reminded_and_no_radio_is_on_for_it(tmp_path: Path) -> None:
    with visitor(tmp_path, heartbeat_s=86_400) as worn:
        began_us = begin(worn)
        heard = len(worn.gateway.heard)
        worn.world.run_for(700)
        felt = [(f.name, (f.at_us - began_us) / SECOND_US) for f in worn.wearer.feelings]
        for name, at_s in (("reminder", 480), ("reminder", 540), ("overdue", 600)):
            assert any(told == name and abs(when - at_s) < 4 for told, when in felt), (name, felt)
        assert len(worn.gateway.heard) == heard
        assert worn.device.power is Power.SLEEPING


@pytest.mark.parametrize("arg", [0, COVERED - PLAN_OK, PLAN_OK])
def test_where_not_all_is_healthy_it_is_not_felt_to_run(tmp_path: Path, arg: int) -> None:
    with visitor(tmp_path) as worn:
        worn.gateway.answer_arg = arg
        worn.gateway.answer_op = STORED
        worn.start(settle_s=5)
        worn.press(0.9, SECOND_CONTACT)
        assert worn.feels("not_covered", 10)
        assert "visit" not in worn.felt()


def test_out_of_range_it_is_not_felt_to_run_and_is_taken_back_when_heard(tmp_path: Path) -> None:
    with visitor(tmp_path) as worn:
        worn.start(settle_s=5)
        worn.world.ble.set_path_loss("button", "peer", 200.0)
        since_us = worn.now_us
        worn.press(0.9, SECOND_CONTACT)
        felt_us = worn.feels("not_covered", 12)
        assert felt_us is not None
        assert felt_us - since_us > 8 * SECOND_US
        worn.world.ble.set_path_loss("button", "peer", 65.0)
        worn.gateway.answer_op = STORED
        assert worn.until(lambda: ends(worn), 70)
        assert worn.sleeps(10)
        worn.world.run_for(600)
        assert len(ends(worn)) == 1


def bite(worn: Worn) -> None:
    worn.device.bite()


def power_cut(worn: Worn) -> None:
    worn.device.power_cut()
    worn.world.run_for(3)
    worn.device.power_on()


@pytest.mark.parametrize("interrupt", [bite, power_cut])
def test_it_can_be_ended_after_a_reset_or_a_loss_of_power(
    tmp_path: Path, interrupt: Callable[[Worn], None]
) -> None:
    with visitor(tmp_path, second="v---e") as worn:
        worn.gateway.answer_op = STORED
        worn.start(settle_s=5)
        worn.press(0.5, SECOND_CONTACT)
        worn.world.run_for(3)
        worn.press(0.1, SECOND_CONTACT)  # the touch that woke it, nobody could count
        worn.world.run_for(1)
        worn.press(0.1, SECOND_CONTACT)
        assert worn.sleeps(20)
        interrupt(worn)
        assert worn.sleeps(10)
        worn.world.run_for(20)
        end(worn)
        assert worn.sleeps(30)
        assert set(ends(worn)) <= set(starts(worn))


@pytest.mark.slow
def test_after_a_reset_it_is_still_reminded_of(tmp_path: Path) -> None:
    with visitor(tmp_path) as worn:
        begin(worn)
        worn.world.run_for(100)
        worn.device.bite()
        worn.world.run_for(600)
        assert [name for name in worn.felt() if name in ("reminder", "overdue")] == [
            "reminder",
            "reminder",
            "overdue",
        ]


@pytest.mark.slow
def test_its_end_is_told_until_it_is_heard_and_the_button_sleeps_between(tmp_path: Path) -> None:
    with visitor(tmp_path) as worn:
        begin(worn)
        worn.world.ble.set_path_loss("button", "peer", 200.0)
        end(worn)
        assert worn.feels("not_received", 20)
        asleep = 0
        for _ in range(300):
            worn.world.run_for(1)
            asleep += worn.device.power is Power.SLEEPING
        assert asleep > 200
        worn.world.ble.set_path_loss("button", "peer", 65.0)
        assert worn.feels("visit_ended", 70)
        assert set(ends(worn)) <= set(starts(worn))
