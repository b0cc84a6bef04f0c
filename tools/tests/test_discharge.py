"""The gateway judges a battery by the curves by which the device does."""

import pytest

from firmware.core import battery
from gateway.watching.discharge import CURVES


def test_the_chemistries_are_the_same() -> None:
    assert set(CURVES) == set(battery.CURVES)


@pytest.mark.parametrize("chemistry", sorted(CURVES))
def test_so_are_curve_and_end(chemistry: str) -> None:
    curve = CURVES[chemistry]
    falling = battery.CURVES[chemistry]
    assert curve.points == tuple(zip(falling[-2::-2], falling[::-2], strict=True))
    assert battery.critical(curve.critical_mv - 1, chemistry, False)
    assert not battery.critical(curve.critical_mv, chemistry, False)
    for millivolts in range(1_500, 4_500, 7):
        assert abs(curve.percent(millivolts) - battery.percent(millivolts, chemistry)) <= 1
