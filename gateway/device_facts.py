"""What the ways out show of each device, taken from the ledger, and which devices have changed."""

from collections.abc import Callable, Iterable, Iterator

from gateway.cases.incident import State
from gateway.frames.device import Device
from gateway.ledger import Batch, Ledger
from gateway.upstream.device_state import DeviceFacts
from gateway.watching.discharge import CURVES
from gateway.watching.presence import Watched


class Shown:
    """The devices of a ledger. `revision` counts what is on disk; a device has that of its last change."""

    def __init__(self, ledger: Callable[[], Ledger]) -> None:
        """`ledger` is asked each time: a service has another one before it has read its own."""
        self._ledger = ledger
        self.revision = 0
        self._changed: dict[str, int] = {}

    def note(self, batch: Batch) -> None:
        """Take note of a batch that is on disk."""
        self.revision += 1
        for names in (batch.states, batch.watched, batch.devices, batch.unenrolled):
            self._mark(names)
        self._mark(incident.device for incident in batch.incidents.values())
        self._mark(device for device, _ in batch.standing)

    def _mark(self, names: Iterable[str]) -> None:
        for name in names:
            self._changed[name] = self.revision

    def all(self) -> Iterator[DeviceFacts]:
        """Yield each enrolled device as it is known now."""
        return (facts for _, facts in self._each(list(self._ledger().devices)) if facts)

    def changed(self, since: int) -> Iterator[tuple[str, DeviceFacts | None]]:
        """Yield what may have changed behind a revision; None is a device that is enrolled no more."""
        return self._each([name for name, at in self._changed.items() if at > since])

    def _each(self, names: Iterable[str]) -> Iterator[tuple[str, DeviceFacts | None]]:
        ledger = self._ledger()
        faults: dict[str, list[str]] = {}
        for name, code in ledger.standing:
            faults.setdefault(name, []).append(code)
        for name in names:
            device = ledger.devices.get(name)
            codes = tuple(sorted(faults.get(name, ())))
            yield name, _facts(ledger, device, codes) if device else None


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
