import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core import indication
from firmware.core.indication import FOREVER, GAP_MS, PATTERNS, SENT, Indicator
from firmware.core.ticks import add
from tools.virtual.wearer import NAMES

ALL = sorted(PATTERNS)
TOLERANCE_MS = 30  # what a skin can tell apart


def levels(indicator: Indicator, until_ms: int, start_ms: int = 0) -> list[int]:
    """Return the lengths of on, off, on, ... until silence for good."""
    lengths: list[int] = []
    now_ms = 0
    last_change_ms = 0
    on = False
    while now_ms <= until_ms:
        if indicator.poll(add(start_ms, now_ms)) != on:
            on = not on
            if lengths or not on:
                lengths.append(now_ms - last_change_ms)
            last_change_ms = now_ms
        wait_ms = indicator.wait_ms(add(start_ms, now_ms))
        if wait_ms == FOREVER:
            break
        now_ms += max(1, wait_ms)
    return lengths


def test_every_indication_has_a_pattern_and_a_name() -> None:
    assert sorted(NAMES) == ALL == list(range(1, len(ALL) + 1))
    assert len(set(NAMES.values())) == len(ALL)


def test_patterns_are_told_apart_by_their_first_pulse() -> None:
    firsts = sorted(pattern[0] for pattern in PATTERNS.values())
    assert min(b - a for a, b in itertools.pairwise(firsts)) >= TOLERANCE_MS


@pytest.mark.parametrize("what", ALL)
def test_patterns_begin_and_end_with_a_pulse(what: int) -> None:
    assert len(PATTERNS[what]) % 2 == 1
    assert indication.__doc__
    assert NAMES[what].upper() in indication.__doc__


@given(st.sampled_from(ALL), st.integers(0, (1 << 30) - 1))
def test_a_pattern_plays_as_written(what: int, start_ms: int) -> None:
    indicator = Indicator()
    indicator.show(what, start_ms)
    assert levels(indicator, 10_000, start_ms) == list(PATTERNS[what])
    assert not indicator.playing()
    assert not indicator.on


def test_silence_asks_for_nothing() -> None:
    indicator = Indicator()
    assert not indicator.poll(5)
    assert indicator.wait_ms(5) == FOREVER


def test_the_next_waits_for_the_end_and_a_gap() -> None:
    indicator = Indicator()
    indicator.show(indication.RECEIVED, 0)
    indicator.poll(0)
    indicator.show(indication.HELP, 10)
    expected = [*PATTERNS[indication.RECEIVED], GAP_MS, *PATTERNS[indication.HELP]]
    assert levels(indicator, 10_000) == expected


def test_of_those_that_wait_the_newest_is_next() -> None:
    indicator = Indicator()
    indicator.show(indication.NOT_RECEIVED, 0)
    indicator.poll(0)
    indicator.show(indication.RECEIVED, 10)
    indicator.show(indication.HELP, 20)
    expected = [*PATTERNS[indication.NOT_RECEIVED], GAP_MS, *PATTERNS[indication.HELP]]
    assert levels(indicator, 10_000) == expected


def test_the_answer_to_a_hand_cuts_short_what_plays() -> None:
    indicator = Indicator()
    indicator.show(indication.HELP, 0)
    assert indicator.poll(200)
    indicator.show(SENT, 200)
    assert not indicator.poll(200)
    assert not indicator.poll(200 + GAP_MS - 1)
    assert indicator.poll(200 + GAP_MS)
    assert not indicator.poll(200 + GAP_MS + PATTERNS[SENT][0])
    assert not indicator.playing()


@given(st.lists(st.tuples(st.sampled_from(ALL), st.integers(0, 3_000)), max_size=20))
def test_it_always_falls_silent(shown: list[tuple[int, int]]) -> None:
    indicator = Indicator()
    now_ms = 0
    for what, pause_ms in shown:
        indicator.show(what, now_ms)
        now_ms += pause_ms
        indicator.poll(now_ms)
    longest_ms = 2 * max(sum(pattern) for pattern in PATTERNS.values()) + 2 * GAP_MS
    levels(indicator, longest_ms, now_ms)
    assert not indicator.on
    assert not indicator.playing()


@given(st.sampled_from(ALL), st.integers(1, 5_000))
def test_what_holds_the_program_up_takes_nothing_of_the_first_pulse(
    what: int, late_ms: int
) -> None:
    indicator = Indicator()
    indicator.show(what, 0)
    assert levels(indicator, 10_000, late_ms) == list(PATTERNS[what])
