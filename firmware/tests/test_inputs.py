from firmware.core.inputs import (
    BUTTON_MS,
    FOREVER,
    MAINS_MS,
    NONE_STUCK,
    STUCK_MS,
    Buttons,
    Input,
)
from firmware.core.ticks import add

START_MS = (1 << 30) - 20  # ticks wrap soon


def test_a_level_counts_once_it_has_stayed() -> None:
    contact = Input(BUTTON_MS, active=False)
    assert not contact.sample(True, START_MS)
    assert not contact.sample(True, add(START_MS, BUTTON_MS - 1))
    assert contact.wait_ms(add(START_MS, BUTTON_MS - 1)) == 1
    assert contact.sample(True, add(START_MS, BUTTON_MS))
    assert contact.active
    assert contact.wait_ms(add(START_MS, BUTTON_MS)) == FOREVER


def test_bounce_begins_the_time_anew_and_a_blip_is_nothing() -> None:
    contact = Input(BUTTON_MS, active=False)
    for ms in range(0, 400, 40):
        contact.sample(True, ms)
        contact.sample(False, ms + 30)
    assert not contact.active
    assert contact.wait_ms(400) == FOREVER


def test_the_level_at_the_start_is_no_change() -> None:
    assert not Input(MAINS_MS, active=True).sample(True, 0)


def test_each_button_is_pressed_once_however_long_it_is_held() -> None:
    buttons = Buttons([False, False], 0)
    presses = [buttons.sample(1, True, ms) for ms in range(0, 2_000, 10)]
    assert presses.count(True) == 1
    assert presses.index(True) == BUTTON_MS // 10
    assert buttons.held_ms(1, 1_990) == 1_990 - BUTTON_MS
    assert buttons.held_ms(0, 1_990) == 0


def test_a_button_that_stays_down_is_stuck_until_it_opens() -> None:
    buttons = Buttons([False, False], START_MS)
    down_ms = add(START_MS, 5)
    buttons.sample(1, True, down_ms)
    pressed_ms = add(down_ms, BUTTON_MS)
    assert buttons.sample(1, True, pressed_ms)
    assert buttons.wait_ms(pressed_ms) == STUCK_MS
    buttons.sample(1, True, add(pressed_ms, STUCK_MS - 1))
    assert buttons.stuck() == NONE_STUCK
    buttons.sample(1, True, add(pressed_ms, STUCK_MS))
    assert buttons.stuck() == 1
    assert buttons.held_ms(1, add(pressed_ms, STUCK_MS)) == 0, "no hand holds it"
    assert buttons.wait_ms(add(pressed_ms, STUCK_MS)) == FOREVER
    week_ms = add(pressed_ms, 7 * 86_400_000)
    assert not buttons.sample(1, True, week_ms)
    assert buttons.stuck() == 1, "also when ticks have wrapped"
    buttons.sample(1, False, week_ms)
    buttons.sample(1, False, add(week_ms, BUTTON_MS))
    assert buttons.stuck() == NONE_STUCK


def test_a_button_that_is_down_at_the_start_is_no_press_and_may_be_stuck() -> None:
    buttons = Buttons([True], 0)
    assert not any(buttons.sample(0, True, ms) for ms in range(0, STUCK_MS + 1, 1_000))
    assert buttons.stuck() == 0


def test_a_stuck_button_does_not_hide_the_other() -> None:
    buttons = Buttons([True, False], 0)
    buttons.sample(0, True, STUCK_MS)
    buttons.sample(1, True, STUCK_MS)
    assert buttons.sample(1, True, STUCK_MS + BUTTON_MS)
