from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.press import (
    DEBOUNCE_MS,
    DOUBLE,
    FOREVER,
    HOLD,
    LONG_HOLD,
    NOTHING,
    PAUSE_MS,
    SHORT,
    TRIPLE,
    Press,
)
from firmware.core.ticks import add

HOLD_MS = 800
LONG_MS = 5_000
SETTLE_MS = 1_000  # longer than any pause


@dataclass(frozen=True)
class Told:
    at_ms: int
    gesture: int


def play(
    spans: list[tuple[bool, int]], start_ms: int = 0, press: Press | None = None
) -> list[Told]:
    """Play levels of so many ms each, sampled at the edges and when the press asks for it."""
    press = press or Press(HOLD_MS, LONG_MS)
    told: list[Told] = []

    def sample(down: bool, at_ms: int) -> None:
        gesture = press.sample(down, add(start_ms, at_ms))
        if gesture != NOTHING:
            told.append(Told(at_ms, gesture))

    at_ms = 0
    for down, length_ms in spans:
        end_ms = at_ms + length_ms
        while at_ms < end_ms:
            sample(down, at_ms)
            wait_ms = press.wait_ms(add(start_ms, at_ms))
            at_ms = end_ms if wait_ms == FOREVER else min(end_ms, at_ms + max(1, wait_ms))
    return told


def gestures(*spans: tuple[bool, int]) -> list[int]:
    return [told.gesture for told in play([*spans, (False, SETTLE_MS)])]


def bouncing(down: bool, spans: list[int]) -> list[tuple[bool, int]]:
    """Return a level that bounces at its beginning."""
    return [(down if i % 2 == 0 else not down, ms) for i, ms in enumerate(spans)]


@pytest.mark.parametrize(("taps", "gesture"), [(1, SHORT), (2, DOUBLE), (3, TRIPLE), (7, TRIPLE)])
def test_taps_are_counted_until_a_pause(taps: int, gesture: int) -> None:
    assert gestures(*[(True, 90), (False, 120)] * taps) == [gesture]


def test_taps_apart_are_two_short_presses() -> None:
    assert gestures((True, 90), (False, PAUSE_MS + 50), (True, 90)) == [SHORT, SHORT]


def test_hold_is_told_while_the_finger_is_down() -> None:
    assert play([(True, 2_000)]) == [Told(HOLD_MS, HOLD)]


def test_long_hold_follows_the_hold() -> None:
    told = play([(True, 20_000), (False, SETTLE_MS)])
    assert told == [Told(HOLD_MS, HOLD), Told(LONG_MS, LONG_HOLD)]


def test_hold_is_no_short_press_as_well() -> None:
    assert gestures((True, HOLD_MS + 10)) == [HOLD]


def test_hold_after_a_tap_counts_as_a_hold() -> None:
    assert gestures((True, 90), (False, 100), (True, HOLD_MS + 10)) == [HOLD]


def test_a_touch_shorter_than_the_debounce_is_nothing() -> None:
    assert gestures((True, DEBOUNCE_MS - 1)) == []


def test_chatter_within_a_hold_does_not_end_it() -> None:
    chatter = [(True, 300), (False, DEBOUNCE_MS - 1)] * 4
    assert gestures(*chatter, (True, HOLD_MS)) == [HOLD]


def test_a_press_that_woke_the_device_counts_from_the_wake() -> None:
    press = Press(HOLD_MS, LONG_MS)
    press.begin_down(0)
    assert press.busy()
    told = play([(True, 1_000)], start_ms=550, press=press)
    assert told == [Told(HOLD_MS - 550, HOLD)]


def test_a_tap_over_before_the_device_was_up_is_a_tap() -> None:
    press = Press(HOLD_MS, LONG_MS)
    press.begin_tapped(0)
    assert press.busy()
    assert [told.gesture for told in play([(False, SETTLE_MS)], press=press)] == [SHORT]
    press.begin_tapped(0)
    rest = [(False, 100), (True, 90), (False, SETTLE_MS)]
    assert [told.gesture for told in play(rest, press=press)] == [DOUBLE]


def test_idle_contact_asks_for_nothing() -> None:
    press = Press(HOLD_MS, LONG_MS)
    assert press.sample(False, 123) == NOTHING
    assert press.wait_ms(123) == FOREVER
    assert not press.busy()


BOUNCE = st.lists(st.integers(1, DEBOUNCE_MS - 1), max_size=8).map(
    lambda spans: spans[: len(spans) // 2 * 2]
)
TAP = st.tuples(BOUNCE, st.integers(DEBOUNCE_MS + 5, 300), BOUNCE, st.integers(60, 200))
START = st.integers(0, (1 << 30) - 1)


@given(st.lists(TAP, min_size=1, max_size=4), START)
def test_bounces_never_add_or_lose_a_tap(
    taps: list[tuple[list[int], int, list[int], int]], start_ms: int
) -> None:
    spans: list[tuple[bool, int]] = []
    for bounce_down, down_ms, bounce_up, up_ms in taps:
        spans += bouncing(True, [*bounce_down, down_ms])
        spans += bouncing(False, [*bounce_up, up_ms])
    told = play([*spans, (False, SETTLE_MS)], start_ms)
    assert [one.gesture for one in told] == [min(len(taps), TRIPLE)]


@given(BOUNCE, st.integers(HOLD_MS + 200, 20_000), START)
def test_a_bouncing_hold_is_one_hold_in_time(
    bounce: list[int], down_ms: int, start_ms: int
) -> None:
    spans = bouncing(True, [*bounce, down_ms])
    told = play([*spans, (False, SETTLE_MS)], start_ms)
    assert told[0].gesture == HOLD
    assert HOLD_MS <= told[0].at_ms <= HOLD_MS + sum(bounce)
    assert [one.gesture for one in told[1:]] == ([LONG_HOLD] if down_ms >= LONG_MS else [])


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 7_000)), max_size=30), START)
def test_no_hand_upsets_it(spans: list[tuple[bool, int]], start_ms: int) -> None:
    press = Press(HOLD_MS, LONG_MS)
    for told in play([*spans, (False, SETTLE_MS)], start_ms, press):
        assert told.gesture in (SHORT, DOUBLE, TRIPLE, HOLD, LONG_HOLD)
    assert not press.busy()
