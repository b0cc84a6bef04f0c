"""A round trip is good where both ends heard the other loud enough."""

import pytest

from tools.provision.round_trip import WEAK_DBM, RoundTrip


@pytest.mark.parametrize(
    ("up", "down", "fault"),
    [
        ([-60], [-62], None),
        ([WEAK_DBM], [WEAK_DBM], None),
        ([], [], "radio_silent"),
        ([], [-60], "radio_mute"),
        ([-60], [], "radio_deaf"),
        ([WEAK_DBM - 1], [-60], "radio_weak"),
        ([-60], [WEAK_DBM - 1], "radio_weak"),
    ],
)
def test_what_is_wrong_is_told_by_who_heard_whom(
    up: list[int], down: list[int], fault: str | None
) -> None:
    assert RoundTrip(up, down).fault == fault


def test_one_report_of_many_makes_no_weak_board() -> None:
    trip = RoundTrip([-60, -61, -94], [-93, -59, -60])
    assert (trip.up_dbm, trip.down_dbm, trip.fault) == (-61, -60, None)
