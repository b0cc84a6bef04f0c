from hypothesis import given
from hypothesis import strategies as st

from firmware.core.ticks import add, diff

PERIOD = 1 << 30
TICKS = st.integers(0, PERIOD - 1)
SPANS = st.integers(-(PERIOD // 2), PERIOD // 2 - 1)


@given(TICKS, SPANS)
def test_diff_undoes_add(ticks: int, ms: int) -> None:
    assert diff(add(ticks, ms), ticks) == ms


@given(TICKS, SPANS)
def test_ticks_stay_small(ticks: int, ms: int) -> None:
    assert 0 <= add(ticks, ms) < PERIOD


def test_order_holds_over_the_wrap() -> None:
    before = PERIOD - 5
    assert diff(add(before, 10), before) == 10
    assert diff(before, add(before, 10)) == -10
