"""Objects for the tests of pure modules: a ledger with one device, and frames as it is heard."""

from gateway import decisions
from gateway.events import Freshness, Received, Uplink, Verdict
from gateway.frames.bearing import Bearing
from gateway.frames.device import Device
from gateway.frames.device_clock import DeviceClock, Heard, Line
from gateway.frames.device_state import DeviceState
from gateway.ledger import Batch, Ledger
from gateway.tests.player import Wearer
from protocol.messages import parse_uplink

KEY = bytes(range(16))
LABEL = "Dr Ursula Overwood"
PLACE = "Consulting room 7"
DEVICE = "button-01"
BEARING = Bearing(mark=1, base_s=0.0)
TIME = 7  # of a device whose clock is certified: it shows 112 s at 1,000 s


def device(name: str = DEVICE, key: bytes = KEY, slot: int = 1, floor: int = 0) -> Device:
    return Device(slot, name, "button", LABEL, PLACE, 300, floor, 0.0, Wearer(key).keys)


def ledger(*devices: Device) -> Ledger:
    known = devices or (device(),)
    return Ledger(
        {one.id: one for one in known},
        {one.id: DeviceState(one.floor) for one in known},
        bearing=BEARING,
    )


def clock(counter: int, at: float = 1_000.0) -> DeviceClock:
    """Return a clock certified at `at`, by the frame `counter` that told `TIME`."""
    return DeviceClock(
        Heard(counter, TIME, at), Line(counter, counter, TIME, at - 16 * TIME, at, at)
    )


def certified(counter: int) -> Ledger:
    """Return a ledger that knows the device's clock, so that its frame `counter` + 1 is fresh."""
    known = ledger()
    known.states[DEVICE].clock = clock(counter)
    return known


def take(batch: Batch, uplink: Uplink) -> None:
    decisions.take_uplink(batch, uplink)


def received(
    frame: bytes, at: float = 1_000.0, radio: str = "head", medium: str = "ble", rssi: int = -60
) -> Received:
    return Received(frame, radio, medium, rssi, 0, at, at)


def uplink(
    word: int,
    counter: int,
    *,
    at: float = 1_000.0,
    in_order: bool = True,
    verdict: Verdict = Verdict.FRESH,
    freshness: Freshness = Freshness.FRESH,
) -> Uplink:
    message = parse_uplink(word.to_bytes(3, "big"))
    frame = counter.to_bytes(15, "big")
    return Uplink(DEVICE, counter, message, verdict, in_order, received(frame, at), freshness)
