"""SPEC 9: an alert that nobody answers stays within the duty cycle kept for alerts, at any SF."""

import pytest

from protocol.airtime import time_on_air_us
from protocol.constants import FRAME_MIN, REFRESH_SCHEDULE_MS

HOUR_US = 3_600_000_000
KEPT_FOR_ALERTS_US = 270_000_000
STRETCH = 14
AT_FULL_PACE = 8


@pytest.mark.parametrize("sf", range(7, 13))
def test_an_hour_of_an_unanswered_alert_fits_what_is_kept_for_alerts(sf: int) -> None:
    on_air_us = time_on_air_us(FRAME_MIN, sf)
    now_us = used_us = sent = 0
    while now_us < HOUR_US:
        used_us += on_air_us
        sent += 1
        interval_us = next(ms * 1000 for ms, until in REFRESH_SCHEDULE_MS if now_us < until * 1000)
        if sent >= AT_FULL_PACE:
            interval_us = max(interval_us, STRETCH * on_air_us)
        now_us += max(interval_us, on_air_us)

    assert used_us <= KEPT_FOR_ALERTS_US
    assert sent <= 512
