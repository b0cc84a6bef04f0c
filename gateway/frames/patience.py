"""How long a frame may wait for others before it is put on disk with them. Pure.

    0 s     alerts, questions, whatever is answered while a wearer or a battery waits; what may end a fault
    6 s     the heartbeat of a call box by BLE whose answer is to certify it: the box listens for 8 s
    30 s    its other heartbeats, and any that nobody answers

An SD card wears by the page: a hundred boxes on the mains tell every 5 minutes that they live, and a commit
for each would write 170 MB a day. Nothing is answered before it is on disk, so what waits is answered late:
only where that costs nothing. By LoRa an unanswered heartbeat goes again, and takes the air from alerts.

To certify a box each time would cost a commit each time. As often as a button is certified will do: then
the bound of what is fresh (SPEC 5.5), 48 s and 10 % of that time, is as good. Whoever happens to speak
shortly before any commit is answered in time as well, and so needs none of its own for as long.
"""

from gateway.events import Uplink, Verdict
from gateway.frames.device import Device
from gateway.frames.device_state import DeviceState
from gateway.frames.freshness import may_be_certified
from gateway.watching.presence import Presence, Watched
from protocol.messages import Heartbeat

SOON_S = 6.0
LATER_S = 30.0
CERTIFIED_S = 2100.0  # between two beats of 5 minutes that can be certified
_SELDOM_S = 120  # one that is heard more often is watched more closely than that
_ON_MAINS = "call_box"


def patience_s(
    uplink: Uplink, device: Device, state: DeviceState, watched: Watched | None, now: float
) -> float:
    """Return how many seconds `uplink`, received `now` (gateway time), may wait."""
    message = uplink.message
    if not isinstance(message, Heartbeat) or uplink.verdict is not Verdict.FRESH:
        return 0.0
    if device.heartbeat_s < _SELDOM_S or watched is None or watched.state is not Presence.HEARD:
        return 0.0
    if not message.listening:
        return LATER_S
    if device.role != _ON_MAINS or uplink.received.medium != "ble":
        return 0.0
    if not may_be_certified(uplink.counter):
        return LATER_S
    line = state.clock.line
    certified = line is not None and now - line.certified_at <= CERTIFIED_S
    return LATER_S if certified else SOON_S
