"""Time on air, against published figures and the formula in fractions."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.airtime import symbol_us, time_on_air_us, window_ms


@pytest.mark.parametrize(
    ("length", "sf", "ms"),
    [
        # The table of the design's bench page: 125 kHz, 4/5, explicit header, CRC, preamble 8
        (19, 7, 51.5),
        (19, 8, 102.9),
        (19, 9, 185.3),
        (19, 10, 329.7),
        (19, 12, 1318.9),
        (24, 7, 61.7),
        (24, 8, 113.2),
        (24, 9, 205.8),
        (24, 10, 370.7),
        (24, 12, 1482.8),
    ],
)
def test_published_figures(length: int, sf: int, ms: float) -> None:
    assert round(time_on_air_us(length, sf) / 1000, 1) == ms


def test_our_frame() -> None:
    exact = {7: 46_336, 8: 92_672, 9: 164_864, 10: 329_728, 11: 659_456, 12: 1_155_072}
    assert {sf: time_on_air_us(15, sf) for sf in exact} == exact


@given(
    st.integers(0, 255),
    st.integers(7, 12),
    st.sampled_from([125, 250, 500]),
    st.integers(6, 100),
    st.integers(1, 4),
)
def test_the_formula(length: int, sf: int, bandwidth_khz: int, preamble: int, cr: int) -> None:
    symbol = Fraction(1000 * 2**sf, bandwidth_khz)
    ldro = 1 if symbol > 16_000 else 0
    steps = ceil(Fraction(max(8 * length - 4 * sf + 44, 0), 4 * (sf - 2 * ldro)))
    expected = (preamble + Fraction(17, 4) + 8 + steps * (4 + cr)) * symbol
    assert time_on_air_us(length, sf, bandwidth_khz, preamble, cr) == expected


@pytest.mark.parametrize(
    "arguments", [(256, 7), (-1, 7), (15, 6), (15, 13), (15, 7, 203), (15, 7, 125, 8, 5)]
)
def test_what_no_radio_sends_is_refused(arguments: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"length|factor|bandwidth|rate"):
        time_on_air_us(*arguments)


def test_a_symbol() -> None:
    assert [symbol_us(7), symbol_us(12), symbol_us(12, 500)] == [1_024, 32_768, 8_192]


def test_window_of_a_device_on_battery() -> None:
    assert [window_ms(sf) for sf in (7, 9, 12)] == [685, 1_159, 5_120]
