"""What a gateway judges lateness by, and the verdict on one frame by it. Pure."""

from dataclasses import dataclass

from gateway.events import Freshness, Uplink, Verdict
from gateway.frames.device_state import DeviceState
from gateway.frames.freshness import judge, proves_heard, told_by
from protocol.replay import NEW


@dataclass(frozen=True, slots=True)
class Bearing:
    """The mark of this gateway, 0 for none, and its time less that of `Received.monotonic`."""

    mark: int
    base_s: float


NO_MARK = Bearing(0, 0.0)  # of a gateway that can certify nothing


def judged(uplink: Uplink, state: DeviceState, heartbeat_s: int, bearing: Bearing) -> Uplink:
    """Return `uplink` with its verdict, and let `state` learn from it."""
    if uplink.verdict is Verdict.REUSED:  # whose clock it tells is not known
        return uplink._replace(freshness=Freshness.UNVERIFIED)
    now = uplink.received.monotonic + bearing.base_s
    if state.doubt.covers(uplink.counter, now):  # played again, it would certify a false clock
        return uplink._replace(freshness=Freshness.UNVERIFIED)
    told = told_by(uplink, bearing.mark)
    verdict, state.clock = judge(state.clock, told, heartbeat_s, now)
    return uplink._replace(freshness=verdict)


def shares_mark(uplink: Uplink, state: DeviceState, bearing: Bearing) -> bool:
    """Say whether the device heard our mark for a frame that we never accepted."""
    fresh = uplink.verdict is Verdict.FRESH
    heard = fresh and proves_heard(uplink.message, uplink.counter, bearing.mark)
    known = uplink.counter > state.doubt.below  # or what we accepted may be forgotten
    return heard and known and state.window.judge(uplink.counter - 1) == NEW
