"""Days, hours over midnight, public holidays, and the two nights a year that are not 24 hours."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.response.schedule import HOLIDAYS, Schedule, easter, french_holiday

PARIS = ZoneInfo("Europe/Paris")
WEEK = frozenset(range(5))
NIGHT = Schedule("night", WEEK, 19 * 60, 8 * 60, PARIS)
OPEN = Schedule("open", WEEK, 8 * 60, 19 * 60, PARIS, france=True)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp()


@pytest.mark.parametrize(
    ("when", "stands"),
    [
        ("2026-11-20T18:59", False),  # a Friday
        ("2026-11-20T19:00", True),
        ("2026-11-20T23:59", True),
        ("2026-11-21T07:59", True),  # still Friday's night
        ("2026-11-21T08:00", False),
        ("2026-11-21T19:00", False),  # a Saturday
        ("2026-11-22T07:00", False),
        ("2026-11-23T07:00", False),  # the night before was Sunday's
        ("2026-11-23T19:00", True),
    ],
)
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(when: str, stands: bool) -> None:
    assert NIGHT.stands(at(when)) is stands


def test_a_holiday_is_no_weekday_and_a_day_of_its_own_kind() -> None:
    duty = Schedule("duty", frozenset({5, 6, HOLIDAYS}), zone=PARIS, france=True)
    for when in ("2026-05-01T12:00", "2026-05-14T12:00"):  # a Friday; Ascension, a Thursday
        assert (OPEN.stands(at(when)), duty.stands(at(when))) == (False, True)
    friday = at("2026-05-15T12:00")
    assert (OPEN.stands(friday), duty.stands(friday)) == (True, False)


def test_a_place_has_holidays_of_its_own() -> None:
    closed = Schedule("open", WEEK, 480, 1140, PARIS, frozenset({date(2026, 12, 24)}))
    assert not closed.stands(at("2026-12-24T12:00"))
    assert closed.stands(at("2026-12-25T12:00"))  # the country's were not asked for


def test_the_holidays_of_a_year() -> None:
    first = date(2026, 1, 1)
    year = [first + timedelta(days=number) for number in range(365)]
    assert [day.isoformat()[5:] for day in year if french_holiday(day)] == [
        *("01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15"),
        *("11-01", "11-11", "12-25"),
    ]


@pytest.mark.parametrize(
    "sunday",
    [
        *("1818-03-22", "1886-04-25", "1943-04-25", "1954-04-18", "1961-04-02", "1981-04-19"),
        *("2000-04-23", "2008-03-23", "2019-04-21", "2025-04-20", "2026-04-05", "2038-04-25"),
    ],
)
def test_easter(sunday: str) -> None:
    day = date.fromisoformat(sunday)
    assert easter(day.year) == day


@given(st.integers(1583, 4000))
def test_easter_is_a_sunday_from_22_march_to_25_april(year: int) -> None:
    day = easter(year)
    assert day.weekday() == 6
    assert date(year, 3, 22) <= day <= date(year, 4, 25)


def test_a_night_in_which_the_clocks_change_has_no_gap_and_no_second_hole() -> None:
    always = Schedule("night", zone=PARIS, begin=19 * 60, end=8 * 60)
    for day in ("2026-03-28", "2026-10-24"):
        begin = at(f"{day}T19:00")
        end = at(f"{day[:-2]}{int(day[-2:]) + 1}T08:00")
        assert (end - begin) / 3600 in (12, 14)
        assert all(always.stands(begin + 60 * step) for step in range(int(end - begin) // 60))
        assert not always.stands(end)
