"""What is remembered of a device survives being stored, and a copy changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.device_state import DeviceState
from protocol.errors import Malformed
from protocol.replay import NEW, SEEN, TOO_OLD

FRAMES = st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=15, max_size=23)), max_size=40)


@given(FRAMES)
def test_survives_being_stored(frames: list[tuple[int, bytes]]) -> None:
    state = DeviceState()
    for counter, frame in frames:
        state.accept(counter, frame)
    again = DeviceState()
    again.load(state.window.to_bytes(), state.recent_to_bytes())
    assert again.recent == state.recent
    assert list(again.recent) == list(state.recent)
    assert again.window.to_bytes() == state.window.to_bytes()
    assert len(state.recent) <= 16


def test_a_copy_is_apart() -> None:
    state = DeviceState()
    state.accept(5, b"a" * 15)
    copy = state.copy()
    copy.accept(6, b"b" * 15)
    copy.heard_at = 1.0
    assert state.window.highest == 5
    assert list(state.recent) == [b"a" * 15]
    assert state.heard_at is None


def test_counters_before_enrolment_are_not_new() -> None:
    window = DeviceState(floor=2000).window
    assert window.judge(2000) == NEW
    assert window.judge(1999) == SEEN
    assert window.judge(900) == TOO_OLD


@pytest.mark.parametrize("stored", [b"\0", b"\0\0\0\1\x0f", b"\0\0\0\1\x0f" + bytes(14)])
def test_stored_frames_cut_short_are_refused(stored: bytes) -> None:
    with pytest.raises(Malformed):
        DeviceState().load(DeviceState().window.to_bytes(), stored)
