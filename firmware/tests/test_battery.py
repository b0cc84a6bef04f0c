import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core import battery
from firmware.core.settings import CHEMISTRIES

CHEMISTRY = st.sampled_from(CHEMISTRIES)
MILLIVOLTS = st.integers(0, 5_000)


def test_there_is_a_curve_and_both_limits_for_each_chemistry() -> None:
    for table in (battery.CURVES, battery._LOW_MV, battery._CRITICAL_MV):
        assert set(table) == set(CHEMISTRIES)


@pytest.mark.parametrize("chemistry", CHEMISTRIES)
def test_curves_fall_from_full_to_empty(chemistry: str) -> None:
    flat = battery.CURVES[chemistry]
    curve = list(zip(flat[::2], flat[1::2], strict=True))
    assert curve == sorted(curve, reverse=True)
    assert curve[0][1] == 100
    assert curve[-1][1] == 0
    assert all(battery.percent(mv, chemistry) == share for mv, share in curve)


@given(MILLIVOLTS, st.integers(1, 1_000), CHEMISTRY)
def test_more_volts_are_never_less_charge(mv: int, more: int, chemistry: str) -> None:
    assert 0 <= battery.percent(mv, chemistry) <= battery.percent(mv + more, chemistry) <= 100


@pytest.mark.parametrize(
    ("mv", "chemistry", "share"),
    [(3_855, "lipo", 55), (2_970, "li_mno2", 85), (2_847, "li_mno2", 35), (3_202, "lifepo4", 35)],
)
def test_between_two_points_it_is_the_straight_line(mv: int, chemistry: str, share: int) -> None:
    assert battery.percent(mv, chemistry) == share
    assert battery.tenths(mv, chemistry) == share // 10


@pytest.mark.parametrize("chemistry", CHEMISTRIES)
def test_low_comes_while_some_charge_is_left_and_before_critical(chemistry: str) -> None:
    low_mv, critical_mv = battery._LOW_MV[chemistry], battery._CRITICAL_MV[chemistry]
    assert 5 <= battery.percent(low_mv, chemistry) <= 25
    assert critical_mv < low_mv - 80
    assert battery.percent(critical_mv, chemistry) <= 20


@given(CHEMISTRY, st.booleans())
def test_what_is_low_stays_low_until_well_above(chemistry: str, start: bool) -> None:
    limit = battery._LOW_MV[chemistry]
    for judge, edge in ((battery.low, limit), (battery.critical, battery._CRITICAL_MV[chemistry])):
        assert judge(edge - 1, chemistry, start)
        assert judge(edge + 79, chemistry, True)
        assert not judge(edge + 79, chemistry, False)
        assert not judge(edge + 80, chemistry, start)


def test_a_missing_battery_is_neither_low_nor_critical() -> None:
    assert not battery.known(0)
    assert not battery.low(0, "lipo", True)
    assert not battery.critical(0, "lipo", True)
