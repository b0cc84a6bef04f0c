from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.heartbeat import next_interval_s, page_data


@given(st.integers(10, 604_800), st.integers(0, 1023))
def test_interval_is_half_to_one_and_a_half(interval_s: int, random_1024: int) -> None:
    assert interval_s // 2 <= next_interval_s(interval_s, random_1024) <= interval_s * 3 // 2


def test_interval_is_uniform_and_of_the_right_mean() -> None:
    drawn = [next_interval_s(900, random_1024) for random_1024 in range(1024)]
    assert sum(drawn) / len(drawn) == pytest.approx(900, abs=1)
    quarters = Counter((seconds - 450) // 225 for seconds in drawn)
    assert sorted(quarters) == [0, 1, 2, 3]
    assert max(quarters.values()) - min(quarters.values()) <= 2


@pytest.mark.parametrize(
    ("counter", "data"),
    [(0, 70), (8, 70), (2, 5), (10, 5), (4, 0), (6, 0), (1, 9), (3, 9), (5, 9), (7, 9)],
)
def test_page_of_a_counter(counter: int, data: int) -> None:
    assert page_data(counter, battery_mv=3_000, build=5, marks=9) == data


@given(
    st.integers(0, 1 << 20), st.integers(0, 10_000), st.integers(0, 1 << 16), st.integers(0, 127)
)
def test_page_has_seven_bits(counter: int, battery_mv: int, build: int, marks: int) -> None:
    assert 0 <= page_data(counter, battery_mv, build, marks) < 128
