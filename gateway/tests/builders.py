"""Objects for the tests of pure modules: a ledger with one device, and frames as it is heard."""

from gateway.device import Device
from gateway.device_state import DeviceState
from gateway.events import Received, Uplink, Verdict
from gateway.ledger import Ledger
from gateway.tests.player import Wearer
from protocol.messages import parse_uplink

KEY = bytes(range(16))
LABEL = "Dr Ursula Overwood"
PLACE = "Consulting room 7"
DEVICE = "button-01"


def device(name: str = DEVICE, key: bytes = KEY, slot: int = 1, floor: int = 0) -> Device:
    return Device(slot, name, "button", LABEL, PLACE, 300, floor, 0.0, Wearer(key).keys)


def ledger(*devices: Device) -> Ledger:
    known = devices or (device(),)
    return Ledger({one.id: one for one in known}, {one.id: DeviceState(one.floor) for one in known})


def received(frame: bytes, at: float = 1_000.0, radio: str = "head") -> Received:
    return Received(frame, radio, "ble", -60, 0, at, at)


def uplink(
    word: int,
    counter: int,
    *,
    at: float = 1_000.0,
    in_order: bool = True,
    verdict: Verdict = Verdict.FRESH,
) -> Uplink:
    message = parse_uplink(word.to_bytes(3, "big"))
    frame = counter.to_bytes(15, "big")
    return Uplink(DEVICE, counter, message, verdict, in_order, received(frame, at))
