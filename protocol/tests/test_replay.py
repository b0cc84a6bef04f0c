import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Malformed
from protocol.replay import NEW, SEEN, STORED_LEN, TOO_OLD, Window

STEPS = st.lists(st.one_of(st.integers(0, 3_000), st.integers(0, (1 << 30) - 1)), max_size=60)

NEAR = st.lists(
    st.one_of(st.sampled_from([-1025, -1024, -1023, 1023, 1024]), st.integers(-1100, 1100)),
    max_size=60,
)


@given(STEPS, NEAR)
def test_window_equals_a_set(far: list[int], near: list[int]) -> None:
    window = Window()
    accepted: set[int] = set()
    for counter in [*far, *(max(0, sum(near[: i + 1])) for i in range(len(near)))]:
        expected = SEEN if counter in accepted else NEW
        if accepted and counter <= max(accepted) - 1024:
            expected = TOO_OLD
        assert window.judge(counter) == expected
        if expected == NEW:
            window.accept(counter)
            accepted.add(counter)
        window = Window.from_bytes(window.to_bytes())
    assert window.highest == max(accepted, default=-1)


@given(STEPS)
def test_judging_changes_nothing(counters: list[int]) -> None:
    window = Window()
    window.accept(1_500)
    before = window.to_bytes()
    for counter in counters:
        window.judge(counter)
    assert window.to_bytes() == before
    assert len(before) == STORED_LEN


@given(st.one_of(st.binary(max_size=140), st.binary(min_size=STORED_LEN, max_size=STORED_LEN)))
def test_from_bytes_is_total(stored: bytes) -> None:
    try:
        window = Window.from_bytes(stored)
    except Malformed:
        return
    assert window.to_bytes() == stored


@pytest.mark.parametrize(
    "stored",
    [bytes(131), bytes(133), b"\0\0\0\1" + bytes(128), bytes(131) + b"\1", b"\xff" * STORED_LEN],
)
def test_spoilt_store_is_malformed(stored: bytes) -> None:
    with pytest.raises(Malformed):
        Window.from_bytes(stored)
