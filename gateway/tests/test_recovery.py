"""What is done about an adapter that does not hear: in order, in time, and never for ever in a row."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.radio.recovery import Recovery, Step

HARSH = [Step.SCAN, Step.POWER, Step.DAEMON, Step.RESET]
LOOK_S = 2.0
Life = list[tuple[float, Step]]


def lived(
    recovery: Recovery,
    seconds: float,
    trouble: Callable[[float], str] = lambda _: "",
    heard: Callable[[float], int] = lambda _: 0,
    begin: float = 0.0,
) -> Life:
    """Look every two seconds from `begin` on; return when which step was taken."""
    steps: Life = []
    now = begin
    while now < begin + seconds:
        step = recovery.poll(trouble(now), heard(now), now)
        if step is not Step.NOTHING:
            steps.append((now - begin, step))
        now += LOOK_S
    return steps


def lively(now: float) -> int:
    return int(now)  # sixty a minute


def silence(recovery: Recovery, seconds: float, begin: float = 600.0) -> Life:
    """Live ten lively minutes, then in silence."""
    assert lived(recovery, begin, heard=lively) == []
    return lived(recovery, seconds, heard=lambda _: lively(begin), begin=begin)


def test_a_lively_air_that_falls_silent_is_mended_the_mildest_first() -> None:
    steps = silence(Recovery(0.0), 70.0)
    assert steps == list(zip([10, 26, 40, 60], HARSH, strict=True))


def test_an_air_that_stays_silent_after_every_step_is_taken_for_empty() -> None:
    steps = silence(Recovery(0.0), 3_600.0)[4:]
    assert {step for _, step in steps} == {Step.SCAN}
    assert len(steps) == pytest.approx(290, abs=10)  # every ten seconds and the next look


def test_an_air_that_empties_slowly_is_not_thought_deaf() -> None:
    recovery = Recovery(0.0)
    lived(recovery, 600.0, heard=lively)
    steps = lived(recovery, 600.0, heard=lambda now: lively(600) + int((now - 600) / 10), begin=600)
    assert steps == []
    steps = lived(recovery, 600.0, heard=lambda _: lively(600) + 60, begin=1_200)
    assert {step for _, step in steps} == {Step.SCAN}


def test_an_air_that_was_never_lively_is_scanned_anew_again_and_again() -> None:
    steps = lived(Recovery(0.0), 36.0)
    assert steps == [(10, Step.SCAN), (22, Step.SCAN), (34, Step.SCAN)]


def test_what_is_heard_again_ends_it() -> None:
    recovery = Recovery(0.0)
    assert [step for _, step in silence(recovery, 36.0)] == HARSH[:2]
    steps = lived(recovery, 60.0, heard=lambda now: lively(now) + 1, begin=640.0)
    assert steps == []


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        ("hung", [(6, Step.POWER), (16, Step.DAEMON), (36, Step.RESET)]),
        ("in_progress", [(6, Step.POWER), (16, Step.DAEMON), (36, Step.RESET)]),
        ("powered_off", [(6, Step.POWER), (16, Step.DAEMON), (36, Step.RESET)]),
        ("no_events", [(0, Step.POWER), (6, Step.RESET), (30, Step.DAEMON)]),
        ("no_adapter", [(16, Step.DAEMON), (30, Step.RESET)]),
        ("no_bluez", [(2, Step.DAEMON), (16, Step.DAEMON), (40, Step.DAEMON)]),
        ("rfkill", []),
        ("no_permission", []),
        ("no_dbus", []),
    ],
)
def test_each_trouble_has_its_steps(trouble: str, expected: Life) -> None:
    assert lived(Recovery(0.0), 42.0, trouble=lambda _: trouble) == expected


def test_a_trouble_that_lasts_is_met_again_and_ever_less_often() -> None:
    steps = lived(Recovery(0.0), 24 * 3600.0, trouble=lambda _: "hung")
    resets = [at for at, step in steps if step is Step.RESET]
    gaps = [later - earlier for earlier, later in pairwise(resets)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == pytest.approx(636, abs=5)


def test_bluez_that_does_not_come_back_is_asked_for_whatever_was_tried_before() -> None:
    steps = lived(Recovery(0.0), 60.0, trouble=lambda now: "no_adapter" if now < 20 else "no_bluez")
    assert [step for _, step in steps][:2] == [Step.DAEMON, Step.DAEMON]


TROUBLES = st.sampled_from(["hung", "failed", "powered_off", "no_adapter", "not_ready"])


@given(st.lists(st.tuples(TROUBLES, st.integers(1, 20)), min_size=1, max_size=30))
def test_whatever_the_trouble_turns_into_every_step_comes_within_a_minute(
    spells: list[tuple[str, int]],
) -> None:
    troubles = [trouble for trouble, looks in spells for _ in range(looks)]
    troubles += [troubles[-1]] * 60
    recovery = Recovery(0.0)
    steps = [recovery.poll(trouble, 0, LOOK_S * n) for n, trouble in enumerate(troubles)]
    first = [step for step in steps[: int(60 / LOOK_S)] if step is not Step.NOTHING]
    assert Step.RESET in first
    assert Step.DAEMON in first


@given(st.lists(st.sampled_from(["", "hung", "no_bluez", "powered_off"]), max_size=200))
def test_an_adapter_is_not_reset_more_than_once_in_half_a_minute(troubles: list[str]) -> None:
    recovery = Recovery(0.0)
    resets = [
        LOOK_S * n
        for n, trouble in enumerate(troubles)
        if recovery.poll(trouble, 0, LOOK_S * n) is Step.RESET
    ]
    assert all(later - at >= 30.0 for at, later in pairwise(resets))


# A scan that cannot be begun is tried at each look, without a step.
MENDED = [(seen, step) for seen in ("hung", "not_ready", "") for step in HARSH[bool(seen) :]]


@pytest.mark.parametrize(("seen", "mended_by"), MENDED)
def test_whichever_step_mends_it_the_gateway_is_not_deaf_for_90_seconds(
    seen: str, mended_by: Step
) -> None:
    recovery = Recovery(0.0)
    lived(recovery, 600.0, heard=lively)
    now = 600.0
    while recovery.poll(seen, lively(600.0), now) is not mended_by:
        now += LOOK_S
        assert now < 700.0
    # Twelve seconds for a bluetoothd or an adapter to come back, a call that was not answered first.
    assert now - 600.0 + 12.0 + 5.0 + LOOK_S <= 90.0
