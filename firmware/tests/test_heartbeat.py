from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core.heartbeat import Pages, next_interval_s, page_data
from protocol import kinds
from protocol.causes import WATCHDOG


@given(st.integers(10, 604_800), st.integers(0, 1023))
def test_interval_is_half_to_one_and_a_half(interval_s: int, random_1024: int) -> None:
    assert interval_s // 2 <= next_interval_s(interval_s, random_1024) <= interval_s * 3 // 2


def test_interval_is_uniform_and_of_the_right_mean() -> None:
    drawn = [next_interval_s(900, random_1024) for random_1024 in range(1024)]
    assert sum(drawn) / len(drawn) == pytest.approx(900, abs=1)
    quarters = Counter((seconds - 450) // 225 for seconds in drawn)
    assert sorted(quarters) == [0, 1, 2, 3]
    assert max(quarters.values()) - min(quarters.values()) <= 2


def pages() -> Pages:
    told = Pages(build=5)
    told.battery_mv = 3_000
    told.status = kinds.status_page(WATCHDOG, 1, 0, 1, 0)
    told.uptime_s = 7 * 3_600
    told.digest = 99
    return told


@pytest.mark.parametrize(
    ("counter", "data"),
    [
        (0, 70),
        (8, 70),
        (2, 5),
        (10, 5),
        (4, 0b0101010),
        (12, 0b0101010),
        (6, 7),
        (14, 99),
        (1, 9),
        (3, 9),
        (5, 9),
        (7, 9),
    ],
)
def test_page_of_a_counter(counter: int, data: int) -> None:
    assert page_data(counter, pages(), marks=9) == data


@given(
    st.integers(0, 1 << 20),
    st.integers(0, 10_000),
    st.integers(0, 1 << 16),
    st.integers(0, 127),
    st.integers(0, 1 << 30),
)
def test_page_has_seven_bits(
    counter: int, battery_mv: int, build: int, marks: int, uptime_s: int
) -> None:
    told = pages()
    told.battery_mv, told.build, told.uptime_s = battery_mv, build, uptime_s
    assert 0 <= page_data(counter, told, marks) < 128
