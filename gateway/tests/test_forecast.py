"""For how many days a battery lasts: on the curves of the devices, with noise, weather and old cells."""

import math
import random
from statistics import median

import pytest

from gateway.watching.batteries import soon
from gateway.watching.discharge import CURVES, Curve
from gateway.watching.forecast import LEAST_DAYS, Forecast, forecast
from gateway.watching.presence import Day

_WARN_DAYS = 45


def millivolts(curve: Curve, percent: float) -> float:
    """Return the voltage at a charge: the curve the other way round."""
    for (low_mv, low), (high_mv, high) in zip(curve.points, curve.points[1:], strict=False):
        if percent <= high:
            return low_mv + (high_mv - low_mv) * (percent - low) / (high - low)
    return curve.points[-1][0]


def days_of(curve: Curve, life: int, seed: int, until: int, bias_mv: float = 0.0) -> list[Day]:
    """Return the daily medians of a battery that ends after `life` days, up to the day `until`.

    Twelve pages a day of 20 mV, rounded down: 15 mV of noise, 8 mV from day to night, 20 mV from winter
    to summer, 8 mV of weather.
    """
    rng = random.Random(f"battery {seed}")
    critical, phase = curve.percent(curve.critical_mv), rng.random() * 365
    found = []
    for day in range(until):
        true_mv = millivolts(curve, 100 - (100 - critical) * day / life) + bias_mv
        season_mv = 20 * math.sin(2 * math.pi * (day + phase) / 365) + rng.gauss(0, 8)
        read = [
            true_mv + season_mv + 8 * math.sin(2 * math.pi * hour / 12) + rng.gauss(0, 15)
            for hour in range(12)
        ]
        found.append(Day(day, round(median(int(mv) // 20 * 20 + 10 for mv in read))))
    return found


def told(kind: str, life: int, left: int, seed: int) -> Forecast:
    curve = CURVES[kind]
    found = forecast(days_of(curve, life, seed, life - left + 1), curve)
    assert found is not None
    return found


def warned(kind: str, life: int, seed: int, bias_mv: float = 0.0) -> int:
    """Return how many days before the end the warning comes, looking every 5 days."""
    curve = CURVES[kind]
    days = days_of(curve, life, seed, life, bias_mv)
    for day in range(life // 3, life, 5):
        found = forecast(days[max(day - 100, 0) : day + 1], curve)
        if found is not None and soon(found, _WARN_DAYS):
            return life - day
    return 0


def test_a_steady_discharge_is_forecast_to_the_day() -> None:
    curve = Curve(((2_000, 0), (3_000, 100)), critical_mv=2_100)
    found = forecast([Day(day, 2_900 - 5 * day) for day in range(60)], curve)
    assert found is not None
    days = (2_900 - 5 * 59 - 2_100) / 5
    assert found.days == pytest.approx(days)
    assert (found.least, found.most) == pytest.approx((days - 5, days + 5))  # 25 mV


def test_too_few_days_and_a_flat_curve_are_said() -> None:
    curve = CURVES["li_socl2"]
    assert forecast([], curve) is None
    few = forecast([Day(day, 3_590) for day in range(LEAST_DAYS - 1)], curve)
    assert few is not None
    assert (few.days, few.reason) == (None, "too_few_days")
    flat = forecast([Day(day, 3_590) for day in range(60)], curve)
    assert flat is not None
    assert (flat.days, flat.reason) == (None, "no_slope")
    assert 70 < flat.percent < 80


def test_a_replaced_battery_begins_anew() -> None:
    curve = CURVES["li_mno2"]
    old = [Day(day, 2_800 - 2 * day) for day in range(60)]
    new = [Day(60 + day, 2_970) for day in range(5)]
    found = forecast(old + new, curve)
    assert found is not None
    assert (found.days, found.reason) == (None, "too_few_days")
    assert found.percent > 80


def test_one_wild_day_changes_little() -> None:
    curve = Curve(((2_000, 0), (3_000, 100)), critical_mv=2_100)
    days = [Day(day, 2_900 - 5 * day) for day in range(60)]
    wild = [*days[:30], Day(30, 2_100), *days[31:]]
    one, other = forecast(days, curve), forecast(wild, curve)
    assert one is not None
    assert other is not None
    assert other.days == pytest.approx(one.days, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(CURVES))
@pytest.mark.parametrize("life", [180, 730])
def test_the_warning_comes_30_days_ahead_on_every_curve(kind: str, life: int) -> None:
    ahead = sorted(warned(kind, life, seed) for seed in range(4))
    assert ahead[0] >= 30, ahead


@pytest.mark.slow
@pytest.mark.parametrize("bias_mv", [-30.0, 30.0])
def test_a_cell_unlike_the_data_sheet_is_warned_of_all_the_same(bias_mv: float) -> None:
    assert min(warned("li_mno2", 365, seed, bias_mv) for seed in range(4)) >= 20


@pytest.mark.parametrize("kind", ["alkaline", "li_mno2"])
def test_two_months_before_the_end_the_error_is_what_is_said(kind: str) -> None:
    found = [told(kind, 365, 60, seed) for seed in range(6)]
    errors = sorted(abs((one.days or 0.0) - 60) / 60 for one in found)
    assert (errors[2] + errors[3]) / 2 <= 0.30
    assert errors[-1] <= 0.60
    assert sum((one.least or 0.0) <= 60 <= (one.most or 0.0) for one in found) >= 4
