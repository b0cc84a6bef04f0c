"""What the ways out show of each device, taken from the ledger. Pure."""

from collections.abc import Iterator

from gateway.cases.incident import State
from gateway.frames.device import Device
from gateway.ledger import Ledger
from gateway.upstream.device_state import DeviceFacts
from gateway.watching.discharge import CURVES
from gateway.watching.presence import Watched


def of_ledger(ledger: Ledger) -> Iterator[DeviceFacts]:
    """Yield each enrolled device as it is known now."""
    faults: dict[str, list[str]] = {}
    for name, code in ledger.standing:
        faults.setdefault(name, []).append(code)
    for device in list(ledger.devices.values()):  # others may change it between two
        yield _facts(ledger, device, tuple(sorted(faults.get(device.id, ()))))


def _facts(ledger: Ledger, device: Device, faults: tuple[str, ...]) -> DeviceFacts:
    state = ledger.states.get(device.id)
    millivolts = state.told.battery_mv if state else None
    return DeviceFacts(
        id=device.id,
        role=device.role,
        label=device.label,
        place=device.place,
        presence=ledger.watched.get(device.id, Watched()).state.value,
        alert=_alert(ledger, device.id),
        battery_mv=millivolts,
        battery=_percent(device.chemistry, millivolts),
        faults=faults,
    )


def _alert(ledger: Ledger, device: str) -> str:
    """Return the worst of what people may see."""
    seen = {one.state for one in ledger.open_of(device).values() if not one.silent and not one.test}
    worst = [state for state in (State.OPEN, State.ACKNOWLEDGED) if state in seen]
    return worst[0].value if worst else "none"


def _percent(chemistry: str | None, millivolts: int | None) -> int | None:
    if chemistry is None or millivolts is None:
        return None
    return max(0, round(CURVES[chemistry].usable(millivolts)))
