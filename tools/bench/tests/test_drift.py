"""A clock that runs 5 % fast or slow in sleep: what the real firmware tells, as a gateway judges it."""

from pathlib import Path

import pytest

from firmware.tests.worn import SECOND_US, Worn
from gateway.events import Freshness, Received, Uplink, Verdict
from gateway.frames.bearing import Bearing, judged
from gateway.frames.device_state import DeviceState
from protocol.kinds import STORED

MARK = 1
HEARTBEAT_S = 900
LATE_S = 1_800.0


def taken(worn: Worn, late_s: float = 0.0) -> list[Freshness]:
    """Return how a gateway takes all that was heard, the last frame so many seconds later."""
    state, found = DeviceState(), []
    for heard in worn.gateway.heard:
        last = heard is worn.gateway.heard[-1]
        at_s = heard.at_us / SECOND_US + (late_s if last else 0.0)
        received = Received(heard.frame, "head", "ble", -70, 0, at_s, at_s)
        in_order = heard.counter > state.window.highest
        uplink = Uplink(
            "button",
            heard.counter,
            heard.message,
            Verdict.FRESH,
            in_order=in_order,
            received=received,
        )
        found.append(judged(uplink, state, HEARTBEAT_S, Bearing(MARK, 0.0)).freshness)
        state.window.highest = max(state.window.highest, heard.counter)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("ppm", [-50_000, 0, 50_000])
def test_heartbeats_and_a_press_after_a_night_are_fresh_and_a_recorded_one_is_not(
    tmp_path: Path, ppm: int
) -> None:
    with Worn(tmp_path, loss=0.0, heartbeat_s=HEARTBEAT_S) as worn:
        worn.gateway.answer_op = STORED
        worn.gateway.answer_mark = MARK
        worn.device.rtc.ppm = ppm
        worn.start()
        worn.world.run_for(43_200)
        worn.raise_alert()
        assert worn.feels("received", 5)
        found = taken(worn)
        assert 40 < len(found) < 70
        known = found.index(Freshness.FRESH)
        assert known < 6, "certified by the first heartbeats"
        assert set(found[known:]) == {Freshness.FRESH}
        assert taken(worn, LATE_S)[-1] is Freshness.DELAYED
