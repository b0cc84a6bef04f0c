"""The id of the incident that each device would begin next: no AES for it on the way of an alert."""

from gateway.frames.device import Device
from protocol.constants import COUNTER_LIMIT
from protocol.identity import incident_id, next_first
from protocol.keys import Keys


class NextIds:
    """One id of each device; where it is another that is asked for, it is made then."""

    def __init__(self) -> None:
        """Begin with none."""
        self._made: dict[str, tuple[Keys, int, str]] = {}

    def id_of(self, device: Device, first: int) -> str:
        """Return the id of the incident that `device` began with counter `first`, as hex."""
        keys, made_for, made = self._made.get(device.id, (None, -1, ""))
        return made if keys is device.keys and made_for == first else _id_of(device, first)

    def make(self, device: Device, highest: int) -> None:
        """Make the next one of `device`, whose highest accepted counter is `highest`."""
        first = next_first(highest + 1)
        keys, made_for, _ = self._made.get(device.id, (None, -1, ""))
        if first < COUNTER_LIMIT and (keys is not device.keys or made_for != first):
            self._made[device.id] = device.keys, first, _id_of(device, first)

    def forget(self, name: str) -> None:
        """Let go of that of a device."""
        self._made.pop(name, None)


def _id_of(device: Device, first: int) -> str:
    return incident_id(device.keys, first).hex()
