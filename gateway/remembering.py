"""What the gateway knew when it stopped, however it stopped: read once, at the start."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from gateway.cases.incident import Incident, leave_out_numbers
from gateway.cases.visit_table import read_visits
from gateway.config import Config
from gateway.disk.heard import read_states
from gateway.disk.rows import read_faults, read_incidents
from gateway.disk.store import Store
from gateway.disk.used import read_used
from gateway.frames.bearing import Bearing
from gateway.frames.device import Device
from gateway.frames.device_clock import DeviceClock
from gateway.frames.device_state import DeviceState
from gateway.gateway_clock import GatewayClock
from gateway.ledger import Ledger, within_reach
from gateway.response.escalation import Escalation, after_restart
from gateway.response.escalation_table import read_escalations
from gateway.response.site_table import read_peers
from gateway.watching.supervision_table import read_supervision


@dataclass(frozen=True, slots=True)
class Remembered:
    """`behind`: of how many devices the database knew less than it should."""

    ledger: Ledger
    behind: int


async def remember(
    store: Store, enrolled: Iterable[Device], config: Config, clock: GatewayClock
) -> Remembered:
    """Read what `store` holds of the `enrolled` devices; raise `StoreFault`."""
    devices = {device.id: device for device in enrolled}
    states = await store.read(read_states)
    _believe(clock, states)
    for device in devices.values():
        states.setdefault(device.id, DeviceState(device.floor))
    behind = store.high_water.settle(devices.values(), states)
    now_s = clock.now_s()
    incidents = {
        incident.id: _numbered(incident, states[incident.device], now_s)
        for incident in await store.read(read_incidents)
        if incident.device in devices
        and within_reach(incident, states[incident.device].window.highest)
    }
    ledger = Ledger(
        devices,
        states,
        incidents,
        await store.read(read_faults),
        Bearing(config.mark, clock.base_s),
        config.plan,
        await _escalations(store, config, incidents, now_s),
        sharing=config.sharing,
    )
    await store.read(partial(read_supervision, known=ledger, now=now_s))
    ledger.visits = await store.read(partial(read_visits, now=now_s, at=time.time()))
    ledger.peers = await store.read(read_peers)
    ledger.used = await store.read(read_used)
    return Remembered(ledger, behind)


async def _escalations(
    store: Store, config: Config, incidents: Iterable[str], now_s: float
) -> dict[str, Escalation]:
    found = await store.read(read_escalations)
    return {
        name: after_restart(found[name], config.plan, now_s) for name in found.keys() & incidents
    }


def _numbered(incident: Incident, state: DeviceState, now_s: float) -> Incident:
    """Leave out the numbers of events that the database may have lost."""
    lost = state.doubt.covers(incident.first_counter, now_s)
    return leave_out_numbers(incident, time.time()) if lost else incident


def _believe(clock: GatewayClock, states: dict[str, DeviceState]) -> None:
    """Forget the clocks of the devices where the wall clock cannot say how long we were away."""
    clock.not_before(max((state.contact_at or 0.0 for state in states.values()), default=0.0))
    if not clock.believed():
        for state in states.values():
            state.clock = DeviceClock()
