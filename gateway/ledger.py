"""What the gateway knows, in memory: a `Batch` drafts changes, adopted only once committed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.bearing import NO_MARK, Bearing
from gateway.device import Device
from gateway.device_state import DeviceState
from gateway.events import Delivered
from gateway.hearing import Back
from gateway.incident import Incident, State
from protocol.constants import COUNTER_BLOCK, WINDOW_BITS
from protocol.kinds import BLOCK_MAX

# No acceptable frame of a device can name an incident that ended so many counters ago.
_REACH = WINDOW_BITS + (BLOCK_MAX + 1) * COUNTER_BLOCK
_FORGET_FROM = 256


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal."""

    name: str
    at: float
    incident: str | None
    device: str | None
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Notice:
    """An event for upstream. Those of one `subject` keep their order; `urgent` ones go first."""

    id: str
    subject: str
    urgent: bool
    type: str
    at: float
    incident: str | None
    number: int
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Want:
    """A device that waits for an answer to `counter`, about an incident or (None) about health.

    `visit`: it asks for what this gateway does not watch. `pushed`: no frame asked, a stage has risen.
    """

    device: str
    counter: int
    incident: str | None
    back: Back
    visit: bool = False
    pushed: bool = False


@dataclass(slots=True)
class Batch:
    """A draft over what is known: everything one transaction writes."""

    known: "Ledger"
    devices: dict[str, Device] = field(default_factory=dict)
    states: dict[str, DeviceState] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    faults: dict[tuple[str, str], float | None] = field(default_factory=dict)
    wants: dict[str, Want] = field(default_factory=dict)

    def state(self, device: str) -> DeviceState:
        """Return what is remembered of `device`, to read."""
        return self.states.get(device) or self.known.states[device]

    def draft(self, device: str) -> DeviceState:
        """Return what is remembered of `device`, to change."""
        if device not in self.states:
            self.states[device] = self.known.states[device].copy()
        return self.states[device]

    def incident(self, incident_id: str) -> Incident | None:
        """Return an incident as it is after this batch."""
        return self.incidents.get(incident_id) or self.known.incidents.get(incident_id)

    def failing(self, source: str, code: str) -> bool:
        """Say whether a part of the gateway is known to have this fault."""
        fault = (source, code)
        if fault in self.faults:
            return self.faults[fault] is not None
        return fault in self.known.faults

    def open_incident(self, device: str) -> str | None:
        """Return the newest incident of `device` that is not closed."""
        newest: Incident | None = None
        for incident in (self.known.incidents | self.incidents).values():
            if (
                incident.device == device
                and incident.state is not State.CLOSED
                and (newest is None or incident.first_counter > newest.first_counter)
            ):
                newest = incident
        return newest.id if newest else None

    def want(self, want: Want) -> None:
        """Answer after the commit; of several, what is about an incident and newest."""
        other = self.wants.get(want.device)
        if other is None or _weight(want) >= _weight(other):
            self.wants[want.device] = want

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to write."""
        written = self.devices, self.states, self.incidents, self.journal, self.delivered
        return not any(written)


def _weight(want: Want) -> tuple[bool, int]:
    return want.incident is not None, want.counter


class Committed:
    """The receipt for a batch on disk. Only `Store.commit` makes one; every answer asks for one."""

    __slots__ = ("at", "batch")

    def __init__(self, batch: Batch, at: float) -> None:
        """`at`: Unix seconds when COMMIT had returned."""
        self.batch = batch
        self.at = at


@dataclass(slots=True)
class Ledger:
    """Devices, what is remembered of them, and the incidents a frame or a person may still change."""

    devices: dict[str, Device] = field(default_factory=dict)
    states: dict[str, DeviceState] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    faults: dict[tuple[str, str], float] = field(default_factory=dict)
    bearing: Bearing = NO_MARK
    _forget_above: int = _FORGET_FROM

    def batch(self) -> Batch:
        """Begin a draft; dropping it leaves no trace."""
        return Batch(self)

    def adopt(self, committed: Committed) -> None:
        """Know what is on disk now."""
        self.devices |= committed.batch.devices
        self.states |= committed.batch.states
        self.incidents |= committed.batch.incidents
        for fault, since in committed.batch.faults.items():
            if since is None:
                self.faults.pop(fault, None)
            else:
                self.faults[fault] = since
        if len(self.incidents) > self._forget_above:
            self.forget()

    def forget(self) -> None:
        """Drop the incidents nothing can change any more; the store has them."""
        self.incidents = {
            incident.id: incident
            for incident in self.incidents.values()
            if within_reach(incident, self.states[incident.device].window.highest)
        }
        # Looked through again only when they have doubled: a small part of what made them.
        self._forget_above = 2 * len(self.incidents) + _FORGET_FROM


def within_reach(incident: Incident, highest: int) -> bool:
    """Say whether a frame or a person may still change `incident`."""
    return incident.state is not State.CLOSED or incident.last_counter > highest - _REACH
