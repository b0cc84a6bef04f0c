"""When a part of the plan stands: days, hours, public holidays. Pure.

A holiday is a day of its own kind: `days = "mon-fri"` leaves out a holiday that the schedule names,
`days = "sat-sun,holidays"` takes it in. Hours over midnight belong to the day on which they begin.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays")
HOLIDAYS = DAY_NAMES.index("holidays")
EVERY_DAY = frozenset(range(HOLIDAYS + 1))
DAY_MINUTES = 24 * 60
_ONE_DAY = timedelta(days=1)

# Code du travail L3133-1: the fixed ones as (month, day), the others as days after Easter Sunday.
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday


@dataclass(frozen=True, slots=True)
class Schedule:
    """Days (numbers of `DAY_NAMES`) and hours, minutes after midnight in `zone`.

    Where `end` is not after `begin` the hours go over midnight.
    """

    name: str
    days: frozenset[int] = EVERY_DAY
    begin: int = 0
    end: int = DAY_MINUTES
    zone: tzinfo = UTC
    dates: frozenset[date] = frozenset()  # holidays of this place
    france: bool = False  # and those of the country

    def stands(self, at: float) -> bool:
        """Say whether the schedule is in force `at`, Unix seconds."""
        local = datetime.fromtimestamp(at, UTC).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        if self.begin < self.end:
            return self.begin <= minute < self.end and self._takes(today)
        if minute >= self.begin:
            return self._takes(today)
        return minute < self.end and self._takes(today - _ONE_DAY)

    def _takes(self, day: date) -> bool:
        holiday = day in self.dates or (self.france and french_holiday(day))
        return (HOLIDAYS if holiday else day.weekday()) in self.days


def french_holiday(day: date) -> bool:
    """Say whether `day` is a public holiday in France (Code du travail L3133-1)."""
    return (day.month, day.day) in _FIXED or (day - easter(day.year)).days in _AFTER_EASTER


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian `year`: that after the first full moon of spring.

    The moon is that of the calendar, not of the sky: a cycle of 19 years, put right each century.
    """
    century = year // 100
    leaps_left_out = century - century // 4
    moon_put_right = (8 * century + 13) // 25
    epact = (19 * (year % 19) + leaps_left_out - moon_put_right + 15) % 30
    # The calendar lets no full moon fall later than 18 April.
    if epact == 29 or (epact == 28 and year % 19 > 10):
        epact -= 1
    full_moon = date(year, 3, 21) + timedelta(days=epact)
    return full_moon + timedelta(days=7 - (full_moon.weekday() + 1) % 7)
