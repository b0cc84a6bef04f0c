"""Every alert of a fleet is accounted for, and nothing that is missing looks well."""

import math

import pytest

from tools.bench.fleet_account import Account, percentile


def account(*times: tuple[float, float, float]) -> Account:
    """Return an account of alerts raised, confirmed and delivered then."""
    found = Account()
    for number, (raised, confirmed, delivered) in enumerate(times):
        event = str(number)
        found.raised[event] = raised
        found.was_confirmed(event, confirmed)
        found.was_delivered(event, delivered)
    return found


def test_an_alert_is_through_when_it_is_confirmed_and_read() -> None:
    found = account((0.0, 0.25, 0.5), (10.0, 10.75, 10.5))
    assert found.latencies() == [0.5, 0.75]
    assert found.settled


def test_one_that_was_not_read_is_lost_even_when_it_was_confirmed() -> None:
    found = Account({"a": 0.0, "b": 0.0})
    found.was_confirmed("a", 1.0)
    found.was_delivered("b", 1.0)
    assert found.lost == 1
    assert not found.settled
    assert found.latencies() == [math.inf, math.inf]


def test_what_is_read_again_is_no_other_alert() -> None:
    found = account((0.0, 0.1, 0.2))
    found.was_delivered("0", 5.0)
    found.was_delivered("of nobody", 5.0)
    assert (found.repeats, found.strange, found.lost) == (1, 1, 0)
    assert found.latencies() == [0.2]


def test_a_span_has_those_raised_in_it() -> None:
    found = account(*((at, at, at + 1 + at) for at in (0.0, 1.0, 2.0)))
    assert found.latencies(since=1.0, until=2.0) == [2.0]


def test_recovered_is_what_stays_so() -> None:
    slow_at = {0: 8.0, 3: 3.0, 5: 2.5}
    times = [(100.0 + at, 0.0, 100.0 + at + slow_at.get(at, 0.1)) for at in range(10)]
    assert account(*times).recovery_s(100.0) == 6.0


def test_where_nothing_was_slow_nothing_had_to_recover() -> None:
    assert account((100.5, 100.6, 100.7)).recovery_s(100.0) == 0.0


def test_what_was_raised_before_counts_for_nothing() -> None:
    assert account((99.0, 110.0, 110.0), (101.0, 101.1, 101.1)).recovery_s(100.0) == 0.0


def test_slow_to_the_end_is_not_recovered() -> None:
    assert account((100.5, 103.0, 103.0)).recovery_s(100.0) == math.inf


def test_one_that_never_comes_through_in_the_last_second_is_not_recovered() -> None:
    found = account((100.5, 100.6, 100.7))
    found.raised["missing"] = 105.0
    assert found.recovery_s(100.0) == math.inf


@pytest.mark.parametrize(("percent", "value"), [(50, 50.0), (99, 99.0), (100, 100.0)])
def test_a_percentile_is_a_time_that_was_measured(percent: int, value: float) -> None:
    assert percentile(map(float, range(100, 0, -1)), percent) == value


def test_nothing_measured_is_zero() -> None:
    assert percentile([], 99) == 0.0
