"""A frame's way to the channel: SPEC 9, without a radio."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.ticks import add
from firmware.core.turn import GIVE_UP, LOOK, NOTHING, TRANSMIT, Turn
from protocol.airtime import time_on_air_us

FRAME = bytes(range(15))
TOA_US = time_on_air_us(15, 9)
TOA_MS = 165


def turn(*, urgent: bool, toa_us: int = TOA_US, now_ms: int = 0) -> Turn:
    made = Turn()
    made.put(FRAME, 15, urgent, toa_us, now_ms)
    return made


def test_without_a_frame_nothing_is_due() -> None:
    one = Turn()
    assert one.due(0) == NOTHING
    one.put(FRAME, 15, True, TOA_US, 0)
    one.end()
    assert one.due(10) == NOTHING


def test_it_holds_a_copy() -> None:
    frame = bytearray(FRAME)
    one = Turn()
    one.put(frame, 15, True, TOA_US, 0)
    frame[0] = 99
    assert one.frame[: one.length] == FRAME


def test_a_free_channel_is_used_at_once() -> None:
    for urgent in (True, False):
        one = turn(urgent=urgent)
        assert one.due(0) == LOOK
        assert one.looked(False, 0, 12) == TRANSMIT


@pytest.mark.parametrize(("random", "wait_ms"), [(0, TOA_MS), (1023, 8 * TOA_MS)])
def test_a_busy_channel_costs_one_to_eight_times_on_air(random: int, wait_ms: int) -> None:
    one = turn(urgent=False)
    assert one.looked(True, random, 20) == NOTHING
    assert one.wait_ms(20) == wait_ms
    assert one.due(20 + wait_ms - 1) == NOTHING
    assert one.due(20 + wait_ms) == LOOK


def test_the_wait_is_spread_over_the_whole_range() -> None:
    waits = set()
    for random in range(1024):
        one = turn(urgent=False)
        one.looked(True, random, 0)
        waits.add(one.wait_ms(0))
    assert min(waits) == TOA_MS
    assert max(waits) == 8 * TOA_MS
    assert len(waits) > 500


def test_an_alert_transmits_after_five_busy_results() -> None:
    one = turn(urgent=True, toa_us=40_000)
    for now_ms in (0, 50, 100, 150):
        assert one.looked(True, 0, now_ms) == NOTHING
    assert one.looked(True, 0, 200) == TRANSMIT


def test_anything_else_gives_up_after_five() -> None:
    one = turn(urgent=False, toa_us=40_000)
    for now_ms in (0, 50, 100, 150):
        assert one.looked(True, 0, now_ms) == NOTHING
    assert one.looked(True, 0, 200) == GIVE_UP


def test_an_alert_transmits_after_two_seconds_without_another_look() -> None:
    one = turn(urgent=True, toa_us=1_155_072)
    assert one.looked(True, 1023, 100) == NOTHING
    assert one.wait_ms(100) == 1_900
    assert one.due(1_999) == NOTHING
    assert one.due(2_000) == TRANSMIT


def test_a_look_that_ends_after_two_seconds_is_the_last() -> None:
    one = turn(urgent=True, toa_us=1_155_072)
    assert one.looked(True, 0, 2_010) == TRANSMIT


def test_anything_else_waits_longer_than_two_seconds() -> None:
    one = turn(urgent=False, toa_us=1_155_072)
    assert one.looked(True, 1023, 100) == NOTHING
    assert one.due(2_100) == NOTHING
    assert one.due(100 + 8 * 1_156) == LOOK


@given(
    st.booleans(),
    st.integers(7, 12),
    st.lists(st.integers(0, 1023), min_size=5, max_size=5),
    st.integers(0, (1 << 30) - 1),
)
def test_a_turn_always_ends_and_an_alert_within_its_time(
    urgent: bool, sf: int, randoms: list[int], begin_ms: int
) -> None:
    """However busy the channel, wherever the ticks wrap; looking takes 40 ms here."""
    one = turn(urgent=urgent, toa_us=time_on_air_us(15, sf), now_ms=begin_ms)
    passed_ms = 0
    step = one.due(begin_ms)
    looks = 0
    while step == LOOK:
        looks += 1
        passed_ms += 40
        now_ms = add(begin_ms, passed_ms)
        step = one.looked(True, randoms[looks - 1], now_ms)
        if step == NOTHING:
            passed_ms += one.wait_ms(now_ms)
            step = one.due(add(begin_ms, passed_ms))
    assert looks <= 5
    assert step == (TRANSMIT if urgent else GIVE_UP)
    assert not urgent or passed_ms <= 2_040


def test_refreshes_of_an_alert_do_not_put_it_off() -> None:
    one = turn(urgent=True)
    for now_ms in (0, 700, 1_400):
        assert one.looked(True, 1023, now_ms) == NOTHING
        one.put(bytes(15), 15, True, TOA_US, now_ms + 300)
    assert one.frame[:15] == bytes(15)
    assert one.due(2_000) == TRANSMIT


def test_busy_results_of_an_alert_count_over_its_refreshes() -> None:
    one = turn(urgent=True, toa_us=40_000)
    for now_ms in (0, 300, 600, 900):
        assert one.looked(True, 0, now_ms) == NOTHING
        one.put(FRAME, 15, True, 40_000, now_ms + 10)
    assert one.looked(True, 0, 1_200) == TRANSMIT


def test_another_frame_than_an_alert_has_a_turn_of_its_own() -> None:
    for before, after in ((False, False), (False, True), (True, False)):
        one = turn(urgent=before)
        one.looked(True, 1023, 0)
        one.put(FRAME, 15, after, TOA_US, 100)
        assert one.due(100) == LOOK


def test_a_repeated_frame_has_a_turn_of_its_own() -> None:
    one = turn(urgent=True)
    one.looked(True, 1023, 0)
    one.repeat(1_900)
    assert one.repeated
    assert one.due(1_900) == LOOK
    assert one.due(2_100) == LOOK


def test_an_alert_lets_those_finish_who_speak_in_turn() -> None:
    one = turn(urgent=True, toa_us=40_000)
    for now_ms in (0, 300, 600, 900):
        assert one.looked(True, 0, now_ms) == NOTHING
    one.heard(1_000)
    assert one.looked(True, 0, 1_200) == NOTHING, "the fifth, but the first since a frame was heard"
    assert one.due(2_999) == LOOK
    assert one.due(3_000) == TRANSMIT


def test_but_not_for_ever() -> None:
    one = turn(urgent=True)
    for now_ms in range(0, 20_000, 500):
        one.heard(now_ms)
        if one.looked(True, 0, now_ms) == TRANSMIT:
            break
    assert now_ms == 7_000


def test_a_frame_heard_before_does_not_count() -> None:
    one = Turn()
    one.heard(0)
    one.put(FRAME, 15, True, TOA_US, 5_000)
    assert one.due(6_999) == LOOK
    assert one.due(7_000) == TRANSMIT


def test_anything_else_gives_up_whoever_speaks() -> None:
    one = turn(urgent=False)
    for now_ms in range(0, 4_000, 1_000):
        one.heard(now_ms)
        assert one.looked(True, 0, now_ms) == NOTHING
    assert one.looked(True, 0, 4_000) == GIVE_UP
