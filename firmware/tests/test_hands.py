"""What a hand does to a button that sleeps, wakes, is busy, or has a contact that is broken."""

from dataclasses import replace
from pathlib import Path

import pytest

from firmware.tests.worn import HOLD_S, MAIN_CONTACT, SECOND_CONTACT, SECOND_US, Worn
from protocol import kinds
from protocol.kinds import ACKNOWLEDGED, CONTACT_STUCK, STORED
from protocol.messages import Condition
from tools.virtual.chips import C3
from tools.virtual.device import Power


def asleep(worn: Worn) -> int:
    """Give it power and a gateway that answers, and return when it has slept for a while."""
    worn.gateway.answer_op = STORED
    worn.start(settle_s=5)
    return worn.now_us


def conditions(worn: Worn) -> list[tuple[int, int, int]]:
    said = [h.message for h in worn.gateway.heard if isinstance(h.message, Condition)]
    return [(one.kind, one.code, one.value) for one in said]


@pytest.mark.parametrize(
    "spans_s",
    [
        (0.2, 0.25, 0.1),  # the second begins before the chip is up and ends after
        (0.1, 0.4, 0.1),  # the second begins while BLE is being started
        (0.1, 0.27, 0.07, 0.1, 0.07),
        (0.1, 0.55, 0.1),
    ],
)
def test_a_double_press_that_wakes_it_is_an_alert(tmp_path: Path, spans_s: tuple[float]) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        since_us = asleep(worn)
        worn.taps(*spans_s)
        assert worn.feels("sent", 3, since_us)
        assert worn.kinds(since_us)[0] in (kinds.PANIC, kinds.HOLD_UP)


@pytest.mark.parametrize("spans_s", [(0.1, 0.08, 0.1), (0.08, 0.06, 0.08, 0.05, 0.05)])
def test_presses_all_over_before_it_is_awake_need_one_more(
    tmp_path: Path, spans_s: tuple[float]
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        since_us = asleep(worn)
        worn.taps(*spans_s)
        assert worn.feels("covered", 3, since_us), "that is not what the wearer wants to feel"
        worn.world.run_for(0.5)
        worn.taps(0.1)
        assert worn.feels("sent", 1, since_us)
        assert worn.kinds(since_us)[-1] == kinds.PANIC


@pytest.mark.parametrize("press_s", [0.1, 0.3, 0.5])
def test_one_touch_asks_and_raises_nothing(tmp_path: Path, press_s: float) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        since_us = asleep(worn)
        worn.taps(press_s)
        assert worn.feels("covered", 3, since_us)
        assert worn.sleeps(10)
        assert worn.kinds(since_us) == [kinds.QUERY]


@pytest.mark.parametrize(
    ("second", "felt", "kind"),
    [("v---e", "visit", kinds.VISIT_START), ("-hhh-", "covered", kinds.QUERY)],
)
def test_one_touch_of_the_second_contact_is_not_taken_for_one_of_the_main(
    tmp_path: Path, second: str, felt: str, kind: int
) -> None:
    """Where one means nothing there and two are a hold-up, whoever touched it feels an answer."""
    with Worn(tmp_path, loss=0.0, second=second) as worn:
        since_us = asleep(worn)
        worn.taps(0.1, contact=SECOND_CONTACT)
        assert worn.sleeps(12)
        assert worn.felt() == [felt]
        assert worn.kinds(since_us) == [kind]


def test_a_touch_of_the_second_contact_that_means_nothing_does_nothing(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, second="---ve") as worn:
        since_us = asleep(worn)
        worn.taps(0.1, contact=SECOND_CONTACT)
        worn.world.run_for(5)
        assert worn.felt() == []
        assert worn.kinds(since_us) == []


def test_a_micropython_that_does_not_tell_which_contact_it_was_asks(tmp_path: Path) -> None:
    older = replace(C3, tells_wake_pins=False)
    with Worn(tmp_path, loss=0.0, chip=older, second="vhhhe") as worn:
        since_us = asleep(worn)
        worn.taps(0.1, contact=SECOND_CONTACT)
        assert worn.feels("covered", 3, since_us)
        worn.taps(0.1, contact=SECOND_CONTACT)
        assert worn.feels("sent", 2, since_us)
        assert worn.kinds(since_us)[:2] == [kinds.QUERY, kinds.HOLD_UP]


def test_taps_while_flash_is_written_are_counted(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        since_us = asleep(worn)
        worn.taps(0.1)
        assert worn.until(lambda: worn.device.power is Power.RUNNING, 1)
        worn.device.nvs._erases_due_us = 400_000  # pages have to be erased first
        worn.world.run_for(0.6)
        worn.taps(0.1, 0.1, 0.1)
        assert worn.feels("sent", 3, since_us)


def test_a_hold_is_felt_in_time_though_flash_is_slow(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.device.power_on()
        assert worn.sleeps(10)
        complete_us = worn.raise_alert()
        at_us = worn.feels("sent", 3)
        assert at_us is not None
        assert at_us - complete_us < 0.1 * SECOND_US


@pytest.mark.slow
@pytest.mark.parametrize("contact", [MAIN_CONTACT, SECOND_CONTACT])
def test_a_stuck_contact_is_told_and_neither_drains_nor_hides_the_other(
    tmp_path: Path, contact: int
) -> None:
    other = MAIN_CONTACT + SECOND_CONTACT - contact
    with Worn(tmp_path, loss=0.0, second="-----", main="qp--c", heartbeat_s=60) as worn:
        asleep(worn)
        worn.device.drive(contact, 0)
        worn.world.run_for(200)
        assert (kinds.FAULT, CONTACT_STUCK, contact - MAIN_CONTACT) in conditions(worn)
        boots = worn.device.boots
        worn.world.run_for(1_200)
        assert worn.device.boots - boots < 45, "heartbeats alone wake it"
        assert worn.device.power is Power.SLEEPING
        since_us = worn.now_us
        worn.taps(0.9, contact=other)
        worn.world.run_for(2)
        assert worn.device.boots > boots
        assert worn.wearer.felt("fault", since_us) is None
        worn.device.drive(contact, 1)
        worn.world.run_for(200)
        assert [kind for kind, code, _ in conditions(worn) if code == CONTACT_STUCK] == [
            kinds.FAULT,
            kinds.RESTORE,
        ]
        assert worn.log.read_text() == ""


def test_beside_a_stuck_contact_an_alert_is_an_alert(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, second="-----", heartbeat_s=60) as worn:
        asleep(worn)
        worn.device.drive(SECOND_CONTACT, 0)
        worn.world.run_for(200)
        complete_us = worn.raise_alert()
        at_us = worn.feels("sent", 2, complete_us - SECOND_US)
        assert at_us is not None
        assert at_us - complete_us < 0.1 * SECOND_US


def test_a_contact_stuck_at_power_up_raises_nothing_and_is_told(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=60) as worn:
        worn.gateway.answer_op = STORED
        worn.device.drive(MAIN_CONTACT, 0)
        worn.device.power_on()
        worn.world.run_for(300)
        assert set(worn.kinds()) == {kinds.HEARTBEAT, kinds.FAULT}
        assert conditions(worn) == [(kinds.FAULT, CONTACT_STUCK, 0)]
        assert worn.felt() == []


@pytest.mark.slow
@pytest.mark.parametrize("half_s", [0.002, 0.015, 0.03])
def test_a_contact_that_chatters_raises_nothing_and_does_not_hang(
    tmp_path: Path, half_s: float
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        since_us = asleep(worn)
        worn.taps(*[half_s] * (2 * round(3 / half_s) - 1))
        worn.world.run_for(2)
        assert set(worn.kinds(since_us)) <= {kinds.QUERY}
        assert worn.sleeps(10)
        complete_us = worn.raise_alert()
        assert worn.feels("sent", 2, complete_us - SECOND_US)


@pytest.mark.slow
def test_a_contact_that_chatters_for_ever_lets_it_sleep(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=60) as worn:
        asleep(worn)
        asleep_at = 0
        for at in range(3_000):
            worn.taps(0.025, 0.025)
            asleep_at += at >= 1_500 and worn.device.power is Power.SLEEPING
        assert conditions(worn) == [(kinds.FAULT, CONTACT_STUCK, 0)]
        assert asleep_at > 1_400, "all but the heartbeat, in 75 s"


@pytest.mark.slow
def test_held_while_power_comes_it_is_in_test_mode_and_a_short_press_is_a_test(
    tmp_path: Path,
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = kinds.DELIVERED
        worn.device.drive(MAIN_CONTACT, 0)
        worn.device.power_on()
        worn.world.run_for(3)
        worn.device.drive(MAIN_CONTACT, 1)
        assert worn.feels("test_mode", 2)
        assert worn.sleeps(10)
        for _ in range(2):
            since_us = worn.now_us
            worn.taps(0.5)
            assert worn.feels("received", 3, since_us)
            assert worn.sleeps(10)
            assert worn.kinds(since_us)[0] == kinds.TEST
        since_us = worn.now_us
        worn.taps(HOLD_S + 0.1)
        assert worn.feels("received", 3, since_us)
        assert kinds.PANIC in worn.kinds(since_us)
        worn.gateway.answer_op = ACKNOWLEDGED
        assert worn.sleeps(20)
        worn.world.run_for(600)
        since_us = worn.now_us
        worn.taps(0.5)
        assert worn.feels("not_covered", 3, since_us) or worn.feels("covered", 1, since_us)
        assert worn.kinds(since_us) == [kinds.QUERY]


@pytest.mark.slow
def test_presses_during_an_alert_are_the_same_incident_or_nothing(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        asleep(worn)
        worn.raise_alert()
        for spans_s in ((0.1,), (0.1, 0.1, 0.1), (0.1, 0.1, 0.1, 0.1, 0.1), (0.9,)):
            worn.world.run_for(3)
            worn.taps(*spans_s)
        worn.world.run_for(3)
        firsts = {(h.counter >> 4) - message.block for h, message in worn.incidents()}
        assert len(firsts) == 1
        assert worn.felt().count("sent") == 4
