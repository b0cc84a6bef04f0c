from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.press import (
    DEBOUNCE_MS,
    DOUBLE,
    FOREVER,
    HOLD,
    LET_GO,
    LONG_HOLD,
    NOTHING,
    PAUSE_MS,
    SHORT,
    TRIPLE,
    UNSEEN,
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


def test_a_tap_over_before_the_device_was_up_is_one_that_nobody_counted() -> None:
    press = Press(HOLD_MS, LONG_MS)
    press.begin_tapped(0)
    assert press.busy()
    assert [told.gesture for told in play([(False, SETTLE_MS)], press=press)] == [UNSEEN]
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


def chatter(half_ms: int, seconds: float) -> list[tuple[bool, int]]:
    return [(True, half_ms), (False, half_ms)] * round(500 * seconds / half_ms)


@pytest.mark.parametrize("half_ms", [1, 3, 10, 19, 21, 25, 30, 39])
@pytest.mark.parametrize("seconds", [1.0, 20.0])
def test_chatter_that_no_hand_makes_is_nothing(half_ms: int, seconds: float) -> None:
    press = Press(HOLD_MS, LONG_MS)
    assert play([*chatter(half_ms, seconds), (False, SETTLE_MS)], press=press) == []
    assert not press.busy()
    assert not press.stuck


@pytest.mark.parametrize("half_ms", [3, 30])
def test_after_chatter_the_contact_counts_again(half_ms: int) -> None:
    assert gestures(*chatter(half_ms, 2), (False, 600), (True, 90)) == [SHORT]
    assert gestures(*chatter(half_ms, 2), (True, 600 + HOLD_MS)) == [HOLD]


def test_hands_that_hammer_need_not_pause() -> None:
    told = play([*[(True, 60), (False, 60)] * 40, (False, SETTLE_MS)])
    assert told == [Told(7 * 120 + DEBOUNCE_MS, TRIPLE)]


def test_a_hold_on_a_worn_contact_is_a_hold() -> None:
    spikes = [(True, 90), (False, 2), (True, 3), (False, 1)] * 12
    assert gestures(*spikes, (True, 100))[0] == HOLD


@pytest.mark.parametrize(
    "spans", [[(True, 61_000)], chatter(3, 61), [*chatter(30, 30), (True, 31_000)]]
)
def test_a_contact_that_is_not_at_rest_for_a_minute_is_stuck(spans: list[tuple[bool, int]]) -> None:
    press = Press(HOLD_MS, LONG_MS)
    play(spans, press=press)
    assert press.stuck
    assert not press.busy(), "it keeps nobody awake"
    end_ms = sum(ms for _, ms in spans)
    assert play([(False, SETTLE_MS)], start_ms=end_ms, press=press) == []
    assert not press.stuck


def test_what_hammers_for_a_minute_is_no_hand() -> None:
    press = Press(HOLD_MS, LONG_MS)
    play([(True, 50), (False, 50)] * 605, press=press)
    assert press.stuck
    assert not press.busy()
    assert play([(False, SETTLE_MS)], start_ms=60_500, press=press) == []
    assert not press.stuck


def test_a_contact_closed_at_power_up_is_no_gesture_and_tells_when_it_is_let_go() -> None:
    press = Press(HOLD_MS, LONG_MS)
    press.begin_powered(350)
    told = play([(True, 20_000), (False, SETTLE_MS)], start_ms=350, press=press)
    assert [one.gesture for one in told] == [LET_GO]
    assert not press.busy()


def test_a_contact_stuck_since_before_power_up_tells_nothing() -> None:
    press = Press(HOLD_MS, LONG_MS)
    press.begin_powered(350)
    assert play([(True, 100_000)], start_ms=350, press=press) == []
    assert press.stuck
    assert play([(False, SETTLE_MS)], start_ms=100_350, press=press) == []
    assert not press.stuck


@pytest.mark.parametrize(
    ("spans", "stuck"),
    [
        ([(True, 1_000)], True),
        ([(False, 1_000)], False),
        (chatter(5, 1), True),
        ([(False, 300), (True, 5), (False, 300)], True),
    ],
)
def test_a_contact_that_was_stuck_is_free_once_it_rests(
    spans: list[tuple[bool, int]], stuck: bool
) -> None:
    press = Press(HOLD_MS, LONG_MS)
    press.begin_stuck(spans[0][0], 350)
    assert press.busy(), "it is looked at for half a second"
    assert play(spans, start_ms=350, press=press) == []
    assert press.stuck is stuck
    assert not press.busy()


def test_a_press_of_a_contact_that_is_free_again_counts() -> None:
    press = Press(HOLD_MS, LONG_MS)
    press.begin_stuck(False, 350)
    told = play([(False, 600), (True, HOLD_MS + 10)], start_ms=350, press=press)
    assert [one.gesture for one in told] == [HOLD]


@pytest.mark.parametrize("rest_ms", [300, 600])
def test_a_press_seen_from_its_middle_may_have_been_the_second(rest_ms: int) -> None:
    press = Press(HOLD_MS, LONG_MS)
    press.begin_down(0)
    told = play([(True, rest_ms - 250), (False, SETTLE_MS)], start_ms=350, press=press)
    assert [one.gesture for one in told] == [UNSEEN]


def test_edges_that_were_missed_are_made_up_for() -> None:
    press = Press(HOLD_MS, LONG_MS)
    assert press.sample(True, 1_000) == NOTHING
    assert press.sample(False, 1_900) == HOLD, "it was held all that time"
