"""What is remembered of a device survives being stored, and a copy changes nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import Duplicate, Verdict
from gateway.frames.authenticate import reconsider
from gateway.frames.device_state import DeviceState
from gateway.tests.builders import received, uplink
from protocol.errors import Malformed, TooOld
from protocol.replay import NEW, SEEN, TOO_OLD
from protocol.tests.vector_checks import load

FRAMES = st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=15, max_size=23)), max_size=40)


@given(FRAMES)
def test_survives_being_stored(frames: list[tuple[int, bytes]]) -> None:
    state = DeviceState()
    for counter, frame in frames:
        state.accept(counter, frame)
    again = DeviceState()
    prints = state.fingerprints.to_bytes()
    again.load(state.window.to_bytes(), state.recent_to_bytes(), prints)
    assert again.recent == state.recent
    assert list(again.recent) == list(state.recent)
    assert again.window.to_bytes() == state.window.to_bytes()
    assert again.fingerprints.to_bytes() == prints
    assert len(state.recent) <= 16


def test_a_copy_is_apart() -> None:
    state = DeviceState()
    state.accept(5, b"a" * 15)
    copy = state.copy()
    copy.accept(6, b"b" * 15)
    copy.heard_at = 1.0
    copy.fingerprints.reuse(5)
    assert all(hasattr(copy, name) for name in DeviceState.__slots__)
    assert state.window.highest == 5
    assert list(state.recent) == [b"a" * 15]
    assert state.heard_at is None
    assert state.fingerprints.knows(5)


@pytest.mark.parametrize(
    "case", [one for one in load("windows") if "classes" in one], ids=lambda case: case["name"]
)
@pytest.mark.parametrize("stored", [False, True])
def test_frames_are_classed_as_the_vectors_have_it(case: dict[str, Any], *, stored: bool) -> None:
    state = DeviceState()
    for (counter, _), frame, expected in zip(
        case["steps"], map(bytes.fromhex, case["frames"]), case["classes"], strict=True
    ):
        assert class_of(state, counter, frame) == expected
        if expected in ("fresh", "counter_reuse"):
            state.accept(counter, frame)
        if stored:
            state = restored(state)


def class_of(state: DeviceState, counter: int, frame: bytes) -> str:
    heard = uplink(0, counter)._replace(received=received(frame))
    try:
        result = reconsider(heard, state)
    except TooOld:
        return "too_old"
    if isinstance(result, Duplicate):
        return "duplicate"
    return "fresh" if result.verdict is Verdict.FRESH else "counter_reuse"


def restored(state: DeviceState) -> DeviceState:
    again = DeviceState()
    prints = state.fingerprints.to_bytes()
    again.load(state.window.to_bytes(), state.recent_to_bytes(), prints)
    return again


def test_a_state_from_before_there_were_fingerprints_raises_no_reuse() -> None:
    state = DeviceState()
    for counter in range(20):
        state.accept(counter, counter.to_bytes(15, "little"))
    old = DeviceState()
    old.load(state.window.to_bytes(), state.recent_to_bytes())
    assert not any(old.reused(counter, bytes(15)) for counter in range(20))
    assert class_of(old, 20, bytes(15)) == "fresh"


def test_counters_before_enrolment_are_not_new() -> None:
    window = DeviceState(floor=2000).window
    assert window.judge(2000) == NEW
    assert window.judge(1999) == SEEN
    assert window.judge(900) == TOO_OLD


@pytest.mark.parametrize("stored", [b"\0", b"\0\0\0\1\x0f", b"\0\0\0\1\x0f" + bytes(14)])
def test_stored_frames_cut_short_are_refused(stored: bytes) -> None:
    with pytest.raises(Malformed):
        DeviceState().load(DeviceState().window.to_bytes(), stored)
