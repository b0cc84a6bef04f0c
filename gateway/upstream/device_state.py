"""What is retained of each device at tocsin/<site>/<gateway>/device/<id>, for dashboards. Pure.

A silent alert is not in it: nobody may see on a screen of the place that one was raised. Events have it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """A device as the gateway knows it. `alert` is none, open or acknowledged; `battery` per cent.

    `presence` is the state of supervision; `faults` are the codes of those that stand.
    """

    id: str
    role: str
    label: str
    place: str
    presence: str = "expected"
    alert: str = "none"
    battery_mv: int | None = None
    battery: int | None = None
    faults: tuple[str, ...] = ()


class Devices(Protocol):
    """What stands with the enrolled devices; `revision` counts the changes."""

    revision: int

    def all(self) -> Iterable[DeviceFacts]:
        """Return each device."""

    def changed(self, since: int) -> Iterable[tuple[str, DeviceFacts | None]]:
        """Return what may have changed behind a revision; None is a device that is gone."""


def to_json(facts: DeviceFacts) -> bytes:
    """Return the state of a device: the same bytes as long as nothing about it changes."""
    state = {
        "device": facts.id,
        "role": facts.role,
        "label": facts.label,
        "place": facts.place,
        "presence": facts.presence,
        "alert": facts.alert,
        "battery_mv": facts.battery_mv,
        "battery": facts.battery,
        "faults": facts.faults,
    }
    return json.dumps(state, ensure_ascii=False).encode()
