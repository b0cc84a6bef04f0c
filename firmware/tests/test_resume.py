"""An alert, a cancel and a visit go on after a reset and after a loss of power, under the same identity."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.tests.worn import HOLD_S, SECOND_CONTACT, SECOND_US, Worn
from protocol import kinds
from protocol.kinds import ACKNOWLEDGED, CANCEL, HOLD_UP, NONE, PANIC, STORED
from tools.virtual.ble_air import Report
from tools.virtual.device import Power
from tools.virtual.flash import ENTRIES

WRITE_MS = 10  # the longest that a write of flash takes that erases nothing, and a turn


def power_cut(worn: Worn) -> None:
    worn.device.power_cut()
    worn.world.run_for(3)
    worn.device.power_on()


def bite(worn: Worn) -> None:
    worn.device.bite()


def firsts(worn: Worn, since_us: int = 0) -> set[int]:
    return {(h.counter >> 4) - m.block for h, m in worn.incidents(since_us)}


def no_counter_twice(worn: Worn) -> None:
    counters = [heard.counter for heard in worn.gateway.heard]
    assert counters == sorted(set(counters))


@pytest.mark.parametrize("interrupt", [bite, power_cut])
@pytest.mark.parametrize("after_s", [0.1, 0.7, 20.0])
def test_an_alert_goes_on_until_a_person_takes_it(
    tmp_path: Path, interrupt: Callable[[Worn], None], after_s: float
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start(settle_s=5)
        worn.raise_alert()
        worn.world.run_for(after_s)
        since_us = worn.now_us
        interrupt(worn)
        worn.world.run_for(5)
        assert len(worn.incidents(since_us)) >= 4
        assert firsts(worn) == firsts(worn, since_us)
        assert "sent" not in worn.felt()[1:], "nobody has pressed again"
        worn.gateway.answer_op = ACKNOWLEDGED
        assert worn.feels("help", 5)
        assert worn.sleeps(10)
        interrupt(worn)
        assert worn.sleeps(10)
        since_us = worn.now_us
        worn.world.run_for(60)
        assert worn.incidents(since_us) == [], "what is over is over"
        no_counter_twice(worn)
        assert worn.log.read_text() == ""


def test_after_a_reset_what_was_felt_is_still_told(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = STORED
        worn.start()
        worn.raise_alert()
        assert worn.feels("received", 5)
        worn.world.run_for(3)
        since_us = worn.now_us
        worn.device.bite()
        worn.world.run_for(5)
        assert {m.felt for _, m in worn.incidents(since_us)} == {STORED}
        assert worn.felt() == ["sent", "received"]


def test_after_a_loss_of_power_nothing_is_known_to_be_felt(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = STORED
        worn.start()
        worn.raise_alert()
        assert worn.feels("received", 5)
        since_us = worn.now_us
        power_cut(worn)
        assert worn.feels("received", 10, since_us)
        assert worn.incidents(since_us)[0][1].felt == NONE


@pytest.mark.parametrize("interrupt", [bite, power_cut])
def test_a_silent_alert_stays_silent(tmp_path: Path, interrupt: Callable[[Worn], None]) -> None:
    lights: list[int] = []
    with Worn(tmp_path, loss=0.0, discreet=0) as worn:
        worn.device.watch(7, lights.append)
        worn.start()
        worn.raise_alert(SECOND_CONTACT)
        worn.world.run_for(1)
        since_us = worn.now_us
        interrupt(worn)
        worn.gateway.answer_op = ACKNOWLEDGED
        assert worn.feels("help", 10, since_us)
        assert {m.kind for _, m in worn.incidents(since_us)} == {HOLD_UP}
        assert lights == []


@pytest.mark.parametrize("interrupt", [bite, power_cut])
def test_a_cancel_under_way_goes_on_as_one(
    tmp_path: Path, interrupt: Callable[[Worn], None]
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start()
        worn.press(5.5)
        worn.world.run_for(2)
        assert worn.incidents()[-1][1].kind == CANCEL
        since_us = worn.now_us
        interrupt(worn)
        worn.world.run_for(3)
        assert {m.kind for _, m in worn.incidents(since_us)} == {CANCEL}
        assert len(firsts(worn)) == 1
        worn.gateway.answer_op = STORED
        assert worn.feels("cancelled", 5)
        assert worn.sleeps(10)


def test_a_test_is_over_with_a_reset(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.device.drive(3, 0)
        worn.device.power_on()
        worn.world.run_for(2)
        worn.device.drive(3, 1)
        assert worn.feels("test_mode", 2)
        worn.world.run_for(2)
        worn.taps(0.5)
        assert worn.feels("sent", 3)
        since_us = worn.now_us
        worn.device.bite()
        worn.world.run_for(5)
        assert kinds.TEST not in worn.kinds(since_us)
        assert worn.sleeps(5)


def test_a_press_that_a_brown_out_interrupts_is_not_lost_once_it_was_on_air(tmp_path: Path) -> None:
    """The finger is still down when power comes back: that alone would raise nothing."""
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start(settle_s=5)
        worn.device.drive(3, 0)
        assert worn.until(worn.incidents, 3)
        worn.world.run_for(0.2)
        power_cut(worn)
        worn.world.run_for(2)
        worn.device.drive(3, 1)
        worn.world.run_for(5)
        assert len(firsts(worn)) == 1
        assert {m.kind for _, m in worn.incidents()} == {PANIC}


def cut_on_air(worn: Worn, after_ms: int, seed: int) -> bool:
    """Raise an alert, cut the power so long after its first advert; say whether flash had the call.

    `seed` decides what a write that is cut leaves behind.
    """
    worn.start(settle_s=5)
    advertise = worn.device.radio.advertise
    begun: list[int] = []

    def first_advert(interval_us: int, advert: Report) -> None:
        advertise(interval_us, advert)
        if not begun:
            begun.append(worn.now_us)
            worn.device._chance.seed(seed)
            worn.world.clock.after(after_ms * 1000, worn.device.power_cut)

    worn.device.radio.advertise = first_advert  # type: ignore[method-assign]
    worn.device.drive(3, 0)
    assert worn.until(lambda: begun and worn.device.power is Power.OFF, 3)
    worn.device.drive(3, 1)
    return worn.device.nvs.get("tocsin", "incident", "blob") is not None


def goes_on(worn: Worn) -> bool:
    """Give power again; say whether the alert goes on, as the same incident if it does."""
    since_us = worn.now_us
    worn.device.power_on()
    worn.world.run_for(3)
    no_counter_twice(worn)
    assert worn.log.read_text() == ""
    assert firsts(worn, since_us) in (set(), {1})  # the first multiple of 16 behind the first beats
    return bool(firsts(worn, since_us))


@pytest.mark.slow
@pytest.mark.parametrize("after_ms", range(5, 65, 5))
def test_a_call_survives_whenever_power_goes_once_it_was_written(
    tmp_path: Path, after_ms: int
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        written = cut_on_air(worn, after_ms, after_ms)
        assert written or after_ms < WRITE_MS
        assert goes_on(worn) is written


@pytest.mark.parametrize(("seed", "written"), [(4, False), (2, True)])
def test_a_cut_in_the_write_itself_leaves_a_call_or_none(
    tmp_path: Path, seed: int, written: bool
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        assert cut_on_air(worn, 1, seed) is written
        assert goes_on(worn) is written


def test_a_write_that_has_to_erase_a_page_takes_nothing_of_what_is_felt(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start(settle_s=5)
        for page in worn.device.nvs.pages[1:-1]:
            page.used = ENTRIES
        worn.device.nvs.pages[0].used = ENTRIES - 4  # room for the counters that a touch reserves
        complete_us = worn.raise_alert()
        on_air_us = worn.incidents()[0][0].at_us
        sent_us = worn.feels("sent", 1)
        assert sum(worn.device.nvs.wear()) == 1
        assert sent_us is not None
        assert on_air_us - complete_us < 30_000
        assert 70_000 < sent_us - complete_us < 110_000


@pytest.mark.slow
def test_no_counter_twice_and_one_identity_over_resets_of_every_kind(tmp_path: Path) -> None:
    rng = random.Random(21)
    with Worn(tmp_path, loss=0.0) as worn:
        worn.start(settle_s=2)
        worn.raise_alert()
        worn.world.run_for(1)
        for _ in range(12):
            rng.choice([bite, power_cut])(worn)
            worn.world.run_for(rng.uniform(0.0, 4.0))
            if rng.random() < 0.3 and worn.device.power is Power.RUNNING:
                worn.press(HOLD_S + 0.1)
        worn.world.run_for(5)
        no_counter_twice(worn)
        names = firsts(worn)
        assert len(names) <= 2, "one press too early after power-up may be the next incident"
        worn.gateway.answer_op = ACKNOWLEDGED
        assert worn.sleeps(20)


@pytest.mark.slow
def test_flash_that_refuses_is_told_and_does_not_stop_an_alert(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=30) as worn:
        worn.gateway.answer_op = STORED
        worn.start(settle_s=100)
        worn.device.nvs.fail = [-0x1105] * 3  # ESP_ERR_NVS_NOT_ENOUGH_SPACE
        worn.raise_alert()
        assert worn.feels("received", 5)
        worn.world.run_for(60)
        assert worn.until(lambda: worn.reserved > worn.gateway.heard[-1].counter + 40, 30)
        since_us = worn.now_us
        worn.gateway.answer_op = ACKNOWLEDGED
        assert worn.sleeps(60)
        assert since_us - worn.now_us < SECOND_US
        assert worn.log.read_text() == ""
