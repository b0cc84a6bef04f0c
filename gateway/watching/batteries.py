"""The voltage of each battery day by day, and the faults that its forecast makes. Pure.

    battery_soon       it probably ends within `warn_days` and half as much again, or may within `warn_days`
    battery_critical   the median of a day is below where the radio brings the chip near its brown-out

Without a chemistry there is no forecast: the device itself tells when it is low.
"""

from collections.abc import Sequence
from statistics import median

from gateway.frames.device_state import DeviceState
from gateway.ledger import Batch
from gateway.watching.device_faults import Finding, turn
from gateway.watching.discharge import CURVES
from gateway.watching.duty import Rule, chemistry
from gateway.watching.forecast import Forecast, forecast
from gateway.watching.presence import Day
from protocol.kinds import BATTERY_STEP_MV, PAGE_BATTERY, PAGES

BATTERY_SOON = "battery_soon"
BATTERY_CRITICAL = "battery_critical"
_DAY_S = 86_400
_LEAST_SAMPLES = 3
_HYSTERESIS_MV = 80
_NEARLY_EMPTY_PERCENT = 3.0


class Batteries:
    """The watcher of the batteries; it keeps the samples of the day that has not ended."""

    def __init__(self, rules: tuple[Rule, ...], warn_days: int) -> None:
        """Take whose battery is of which chemistry, and how long before its end to tell."""
        self._rules = rules
        self._warn_days = warn_days
        self._today: dict[str, tuple[int, list[int]]] = {}

    def judge(self, batch: Batch) -> float:
        """Take the battery pages of this batch; nothing is ever due."""
        for name, state in batch.states.items():
            if name in batch.unenrolled:
                self._today.pop(name, None)
            elif _tells(batch, name, state):
                self._sample(batch, name, state)
        return float("inf")

    def _sample(self, batch: Batch, name: str, state: DeviceState) -> None:
        today = int(batch.at // _DAY_S)
        day, samples = self._today.get(name, (today, []))
        if day != today:
            if day < today and len(samples) >= _LEAST_SAMPLES:
                self._end_day(batch, name, Day(day, round(median(samples))))
            samples = []
        # The page was rounded down: half a step is the mean of what that took away.
        samples.append((state.told.battery_mv or 0) + BATTERY_STEP_MV // 2)
        self._today[name] = today, samples

    def _end_day(self, batch: Batch, name: str, day: Day) -> None:
        batch.voltages[name] = day
        device = batch.devices.get(name) or batch.known.devices[name]
        days = (*batch.known.voltages.get(name, ()), day)
        kind = device.chemistry or chemistry(self._rules, name, device.role)
        told = outlook(days, kind)
        if told is None or kind is None:
            return
        self._turn_soon(batch, name, told)
        was_critical = batch.standing_of(name, BATTERY_CRITICAL) is not None
        limit_mv = CURVES[kind].critical_mv + was_critical * _HYSTERESIS_MV
        found = Finding(name, BATTERY_CRITICAL, batch.at, 0, (("battery_mv", day.millivolts),))
        turn(batch, found, wrong=day.millivolts < limit_mv)

    def _turn_soon(self, batch: Batch, name: str, told: Forecast) -> None:
        standing = batch.standing_of(name, BATTERY_SOON) is not None
        wrong = soon(told, self._warn_days * (2 if standing else 1))
        detail = tuple((key, value) for key, value in shown(told).items() if value is not None)
        turn(batch, Finding(name, BATTERY_SOON, batch.at, 0, detail), wrong=wrong)


def soon(told: Forecast, warn_days: float) -> bool:
    """Say whether it is time for a new battery."""
    if told.days is None or told.least is None:
        return told.percent < _NEARLY_EMPTY_PERCENT
    return told.least <= warn_days or told.days <= 1.5 * warn_days


def outlook(days: Sequence[Day], kind: str | None) -> Forecast | None:
    """Return what the days of a battery tell; None where its chemistry `kind` is not known."""
    if kind is None or not days:
        return None
    # A wall clock that was wrong for a while has left days that have not come yet.
    until = days[-1].day
    return forecast([day for day in days if day.day <= until], CURVES[kind])


def shown(told: Forecast) -> dict[str, object]:
    """Return a forecast for people: whole days and per cent."""
    ends = {"days": told.days, "least_days": told.least, "most_days": told.most}
    rounded = {name: None if value is None else int(value) for name, value in ends.items()}
    return {"percent": round(told.percent), **rounded, "reason": told.reason}


def _tells(batch: Batch, name: str, state: DeviceState) -> bool:
    """Say whether the page of the battery came in this batch."""
    before = batch.known.states.get(name)
    fresh = before is not None and before.signs.alive_s != state.signs.alive_s
    page = state.window.highest % PAGES == PAGE_BATTERY
    return fresh and page and state.told.battery_mv is not None
