"""The band of SPEC 9: what may be a channel."""

import pytest

from protocol import band


@pytest.mark.parametrize(
    ("hz", "sf", "dbm", "allowed"),
    [
        (869_525_000, 9, 14, True),
        (869_462_500, 7, 27, True),
        (869_587_500, 12, -9, True),
        (869_462_499, 9, 14, False),
        (869_587_501, 9, 14, False),
        (868_100_000, 9, 14, False),
        (915_000_000, 9, 14, False),
        (869_525_000, 6, 14, False),
        (869_525_000, 13, 14, False),
        (869_525_000, 9, 28, False),
        (869_525_000, 9, -10, False),
    ],
)
def test_only_what_the_band_allows_is_a_channel(hz: int, sf: int, dbm: int, allowed: bool) -> None:
    assert band.allowed(hz, sf, dbm) is allowed


def test_the_channel_without_a_setting_is_allowed() -> None:
    assert band.allowed(band.DEFAULT_HZ, band.DEFAULT_SF, band.DEFAULT_DBM)


def test_the_whole_width_of_a_signal_is_inside() -> None:
    assert band.LOWEST_HZ - 62_500 == 869_400_000
    assert band.HIGHEST_HZ + 62_500 == 869_650_000
