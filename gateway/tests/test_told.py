import pytest

from gateway.frames.told import Told
from protocol import kinds


@pytest.mark.parametrize("counter", [1, 3, 5, 7, 9, 15])
def test_odd_pages_tell_nothing_of_the_device(counter: int) -> None:
    assert Told().with_page(counter, 127) == Told()


def test_each_page_changes_its_own_field_alone() -> None:
    told = Told(1, 2, 3, 4, 5)
    changed = [told.with_page(counter, 100) for counter in (8, 10, 12, 14, 22)]
    differing = [
        [
            name
            for name, a, b in zip(Told.__slots__, one.columns(), told.columns(), strict=True)
            if a != b
        ]
        for one in changed
    ]
    assert differing == [["battery_mv"], ["build"], ["status"], ["exception"], ["uptime_h"]]


def test_a_cause_that_is_reserved_is_shown_by_its_number() -> None:
    assert Told(status=kinds.status_page(6, 0, 1, 0, 1)).shown()["reset"] == "6"
    assert Told(status=kinds.status_page(6, 0, 1, 0, 1)).shown()["wrong"] == [
        "mains_lost",
        "defaults",
    ]
