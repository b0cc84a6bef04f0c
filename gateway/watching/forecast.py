"""For how many days a battery will last: a robust slope over its daily medians, with an interval. Pure.

    mV a day, the last 60 -> medians of 4 days, as weather stays for days -> per cent by the curve
    -> the median of the slopes of all pairs (Theil, Sen)
    days left = usable per cent now / per cent a day
    the interval: the slopes whose ranks are 1.645 standard deviations of Kendall's S from the middle (Sen
    1968), and 25 mV either way, because a season stays for months and no cell is that of the data sheet

A replaced battery begins anew. Where the voltage says nothing yet (too few days, or a slope whose interval
reaches zero) there is no forecast, and that is said. How good it is: `tests/test_forecast.py` on cells that
end after a year, noise, weather and seasons added, 60 days before their end: half of the errors are below
23 % (alkaline, li_mno2) to 68 % (lifepo4), mostly too long; the interval has the end in four of five.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import median

from gateway.watching.discharge import Curve
from gateway.watching.presence import Day

LEAST_DAYS = 14
_WINDOW_DAYS = 60
_NOW_DAYS = 7
_BLOCK_DAYS = 4
_REPLACED_PERCENT = 15.0
_REPLACED_MV = 80
_Z = 1.645
_UNSURE_MV = 25  # a season, a warm pocket, a cell unlike the data sheet's
_LONGEST_DAYS = 3_650.0
_LEAST_SLOPE = 100.0 / _LONGEST_DAYS  # per cent a day


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days until a battery ends, and the interval in which it probably does.

    `reason` says why there are none: "too_few_days", "no_slope". `percent` is what is left of the
    charge.
    """

    percent: float
    days: float | None = None
    least: float | None = None
    most: float | None = None
    reason: str | None = None


def forecast(days: Sequence[Day], curve: Curve) -> Forecast | None:
    """Return what is known of the battery after these days, oldest first; None without any."""
    recent = _of_this_battery(days, curve)
    if not recent:
        return None
    now_mv = median(day.millivolts for day in recent[-_NOW_DAYS:])
    percent = curve.percent(now_mv)
    if len(recent) < LEAST_DAYS:
        return Forecast(percent, reason="too_few_days")
    slow, middle, fast = _slopes(_blocks(recent, curve))
    if fast < _LEAST_SLOPE or middle <= 0.0:
        return Forecast(percent, reason="no_slope")
    # The voltage of now is that of the middle of the last days; since then the battery has gone on.
    ends = [(now_mv, middle), (now_mv - _UNSURE_MV, fast), (now_mv + _UNSURE_MV, slow)]
    left, least, most = (
        _lasts(curve.usable(millivolts) - middle * (_NOW_DAYS - 1) / 2, slope)
        for millivolts, slope in ends
    )
    return Forecast(percent, left, least, most)


def _of_this_battery(days: Sequence[Day], curve: Curve) -> list[Day]:
    """Return the days of the window since the last time that the charge jumped up for good."""
    if not days:
        return []
    recent = [day for day in days if day.day > days[-1].day - _WINDOW_DAYS]
    for place in range(len(recent) - 1, 0, -1):
        before = median(day.millivolts for day in recent[max(place - 3, 0) : place])
        after = min(day.millivolts for day in recent[place : place + 3])
        gained = curve.percent(after) - curve.percent(before)
        if after - before >= _REPLACED_MV and gained >= _REPLACED_PERCENT:
            return recent[place:]
    return recent


def _blocks(days: Sequence[Day], curve: Curve) -> list[tuple[float, float]]:
    """Return (day, per cent) of each stretch of days: medians, because weather stays for days."""
    stretches = [
        days[end - _BLOCK_DAYS : end] for end in range(len(days), _BLOCK_DAYS - 1, -_BLOCK_DAYS)
    ]
    return [
        (median(day.day for day in one), curve.percent(median(day.millivolts for day in one)))
        for one in reversed(stretches)
    ]


def _slopes(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the slow end, the middle and the fast end of the discharge, per cent a day."""
    slopes = sorted(
        (a_left - b_left) / (b_day - a_day)
        for (a_day, a_left), (b_day, b_left) in combinations(points, 2)
    )
    many, count = len(slopes), len(points)
    half = _Z * sqrt(count * (count - 1) * (2 * count + 5) / 18) / 2
    low = max(round(many / 2 - half), 0)
    high = min(round(many / 2 + half), many - 1)
    return slopes[low], median(slopes), slopes[high]


def _lasts(left: float, a_day: float) -> float:
    left = max(left, 0.0)
    return _LONGEST_DAYS if a_day * _LONGEST_DAYS <= left else left / a_day
