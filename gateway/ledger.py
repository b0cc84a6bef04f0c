"""What the gateway knows, in memory: a `Batch` drafts changes, adopted only once committed."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter

from gateway.cases.incident import Incident, State
from gateway.cases.next_ids import NextIds
from gateway.cases.visit import Visit
from gateway.drafts import Command, Entry, Notice, Pending, Want, Written
from gateway.events import Delivered, Shared
from gateway.frames.bearing import NO_MARK, Bearing
from gateway.frames.device import Device
from gateway.frames.device_state import DeviceState
from gateway.response.escalation import Escalation
from gateway.response.plan import Plan
from gateway.response.sharing import Sharing
from gateway.watching.presence import DAYS_KEPT, Day, Standing, Watched
from protocol.constants import COUNTER_BLOCK, WINDOW_BITS
from protocol.kinds import BLOCK_MAX

# No acceptable frame of a device can name an incident that ended so many counters ago.
_REACH = WINDOW_BITS + (BLOCK_MAX + 1) * COUNTER_BLOCK
_FORGET_FROM = 256
_PEERS_MAX = 512
_TRIALS_MAX = 64


@dataclass(slots=True)
class Batch:
    """A draft over what is known: everything one transaction writes.

    `now` is gateway time, in which every deadline lives; `at`, Unix seconds, is what people read.
    """

    known: "Ledger"
    now: float = 0.0
    at: float = 0.0
    devices: dict[str, Device] = field(default_factory=dict)
    unenrolled: set[str] = field(default_factory=set)
    states: dict[str, DeviceState] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    faults: dict[tuple[str, str], float | None] = field(default_factory=dict)
    wants: dict[str, Want] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    peers: dict[tuple[str, str], Shared] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)  # what works once: its end, Unix seconds
    trials: list[str] = field(default_factory=list)
    escalations: dict[str, Escalation] = field(default_factory=dict)
    watched: dict[str, Watched] = field(default_factory=dict)
    standing: dict[tuple[str, str], Standing | None] = field(default_factory=dict)  # device, code
    voltages: dict[str, Day] = field(default_factory=dict)
    orders: dict[str, Pending | None] = field(default_factory=dict)  # None: it is over
    given: dict[str, tuple[int, int]] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)  # by device

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

    def escalation(self, incident_id: str) -> Escalation | None:
        """Return how far the plan has gone for an incident, after this batch."""
        return self.escalations.get(incident_id) or self.known.escalations.get(incident_id)

    def all_escalations(self) -> list[Escalation]:
        """Return that of every incident."""
        return list((self.known.escalations | self.escalations).values())

    def peers_of(self, incident_id: str) -> list[Shared]:
        """Return what the other gateways of the site said last of an incident."""
        peers = self.known.peers | self.peers
        return [shared for (name, _), shared in peers.items() if name == incident_id]

    def was_used(self, name: str) -> bool:
        """Say whether what works once has worked."""
        return name in self.used or name in self.known.used

    def visit(self, device: str) -> Visit | None:
        """Return the last visit of `device` as it is after this batch."""
        return self.visits.get(device) or self.known.visits.get(device)

    def running_visits(self) -> list[Visit]:
        """Return the visits whose end is awaited."""
        return [one for one in (self.known.visits | self.visits).values() if one.runs]

    def failing(self, source: str, code: str) -> bool:
        """Say whether a part of the gateway is known to have this fault."""
        fault = (source, code)
        if fault in self.faults:
            return self.faults[fault] is not None
        return fault in self.known.faults

    def watched_of(self, device: str) -> Watched:
        """Return where a device stands in supervision, after this batch."""
        return self.watched.get(device) or self.known.watched.get(device) or Watched()

    def standing_of(self, device: str, code: str) -> Standing | None:
        """Return a fault of a device that stands after this batch, or None."""
        fault = (device, code)
        return self.standing[fault] if fault in self.standing else self.known.standing.get(fault)

    def numbers_given(self, device: str, counter: int) -> int:
        """Return how many commands a device was given behind its frame `counter`."""
        last, given = self.given.get(device) or self.known.given.get(device) or (counter, 0)
        return given if last == counter else 0

    def open_incident(self, device: str) -> str | None:
        """Return the newest incident of `device` that is not closed."""
        drafted = {one.id: one for one in self.incidents.values() if one.device == device}
        known = self.known.open_of(device) | drafted
        own = [one for one in known.values() if one.state is not State.CLOSED]
        return max(own, key=attrgetter("first_counter")).id if own else None

    def want(self, want: Want) -> None:
        """Answer after the commit; of several, what is about an incident and newest."""
        other = self.wants.get(want.device)
        if other is None or _weight(want) >= _weight(other):
            self.wants[want.device] = want

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to write."""
        written = self.devices, self.states, self.incidents, self.journal, self.delivered
        care = (
            self.notices,
            self.escalations,
            self.peers,
            self.used,
            self.visits,
            self.watched,
            self.standing,
            self.voltages,
        )
        return not any(written) and not any(care)


def _weight(want: Want) -> tuple[bool, int]:
    return want.incident is not None, want.counter


class Committed:
    """The receipt for a batch on disk. Only `Store.commit` makes one; every answer asks for one."""

    __slots__ = ("at", "batch", "written")

    def __init__(self, batch: Batch, at: float, written: Sequence[Written] = ()) -> None:
        """`at`: Unix seconds when COMMIT had returned; `written`: what the outboxes hold of it."""
        self.batch = batch
        self.at = at
        self.written = written


@dataclass(slots=True)
class Ledger:
    """Devices, what is remembered of them, and the incidents a frame or a person may still change."""

    devices: dict[str, Device] = field(default_factory=dict)
    states: dict[str, DeviceState] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    faults: dict[tuple[str, str], float] = field(default_factory=dict)
    bearing: Bearing = NO_MARK
    plan: Plan = field(default_factory=Plan)
    escalations: dict[str, Escalation] = field(default_factory=dict)
    watched: dict[str, Watched] = field(default_factory=dict)
    standing: dict[tuple[str, str], Standing] = field(default_factory=dict)  # by device and code
    voltages: dict[str, tuple[Day, ...]] = field(default_factory=dict)  # oldest first
    visits: dict[str, Visit] = field(default_factory=dict)
    sharing: Sharing | None = None
    peers: dict[tuple[str, str], Shared] = field(default_factory=dict)  # by incident and gateway
    used: dict[str, float] = field(default_factory=dict)
    trials: deque[str] = field(default_factory=partial(deque, maxlen=_TRIALS_MAX))  # of late
    orders: dict[str, Pending] = field(default_factory=dict)  # oldest first
    given: dict[str, tuple[int, int]] = field(default_factory=dict)  # by device: counter, commands
    failing_since: float | None = None  # Unix seconds: nothing was written since, not even this
    _forget_above: int = _FORGET_FROM
    next_ids: NextIds = field(default_factory=NextIds, init=False)
    _open: dict[str, dict[str, Incident]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Sort what is open by device."""
        self._note_open(self.incidents.values())

    def open_of(self, device: str) -> dict[str, Incident]:
        """Return the incidents of `device` that are not closed, however many others there are."""
        return self._open.get(device, {})

    def batch(self, now: float = 0.0, at: float = 0.0) -> Batch:
        """Begin a draft at `now`, gateway time, and `at`, Unix seconds; dropping it leaves no trace."""
        return Batch(self, now, at)

    def adopt(self, committed: Committed) -> None:
        """Know what is on disk now."""
        self.devices |= committed.batch.devices
        self.states |= committed.batch.states
        self.incidents |= committed.batch.incidents
        self._note_open(committed.batch.incidents.values())
        self.visits |= committed.batch.visits
        self.escalations |= committed.batch.escalations
        self.peers |= committed.batch.peers
        self.used |= committed.batch.used
        self.trials.extend(committed.batch.trials)
        if len(self.peers) > _PEERS_MAX:
            newest = sorted(self.peers.items(), key=lambda item: item[1].at)[-_PEERS_MAX // 2 :]
            self.peers = dict(newest)
        self._adopt_care(committed.batch)
        for name in committed.batch.unenrolled:
            self._unenrol(name)
        for fault, since in committed.batch.faults.items():
            if since is None:
                self.faults.pop(fault, None)
            else:
                self.faults[fault] = since
        if len(self.incidents) > self._forget_above:
            self.forget()

    def _note_open(self, incidents: Iterable[Incident]) -> None:
        for incident in incidents:
            own = self._open.setdefault(incident.device, {})
            if incident.state is State.CLOSED:
                own.pop(incident.id, None)
            else:
                own[incident.id] = incident

    def _unenrol(self, name: str) -> None:
        for known in (self.devices, self.states, self.visits, self.watched, self.voltages):
            known.pop(name, None)
        self._open.pop(name, None)
        self.next_ids.forget(name)
        self.standing = {key: one for key, one in self.standing.items() if key[0] != name}
        self.incidents = {
            incident.id: incident for incident in self.incidents.values() if incident.device != name
        }
        self.escalations = {
            incident: known
            for incident, known in self.escalations.items()
            if incident in self.incidents
        }

    def _adopt_care(self, batch: Batch) -> None:
        self.watched |= batch.watched
        for fault, standing in batch.standing.items():
            if standing is None:
                self.standing.pop(fault, None)
            else:
                self.standing[fault] = standing
        self.given |= batch.given
        for name, pending in batch.orders.items():
            if pending is None:
                self.orders.pop(name, None)
            else:
                self.orders[name] = pending
        for device, day in batch.voltages.items():
            self.voltages[device] = (*self.voltages.get(device, ()), day)[-DAYS_KEPT:]

    def forget(self) -> None:
        """Drop the incidents nothing can change any more; the store has them."""
        self.incidents = {
            incident.id: incident
            for incident in self.incidents.values()
            if within_reach(incident, self.states[incident.device].window.highest)
        }
        self.escalations = {
            name: known for name, known in self.escalations.items() if name in self.incidents
        }
        # Looked through again only when they have doubled: a small part of what made them.
        self._forget_above = 2 * len(self.incidents) + _FORGET_FROM


def within_reach(incident: Incident, highest: int) -> bool:
    """Say whether a frame or a person may still change `incident`."""
    return incident.state is not State.CLOSED or incident.last_counter > highest - _REACH
