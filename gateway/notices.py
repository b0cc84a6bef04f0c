"""What people upstream are told: stable ids, types and data of each event. Pure."""

from collections.abc import Mapping

from gateway.cases.incident import Change, Incident, best_stage
from gateway.drafts import Notice
from gateway.events import Fault, Restore
from gateway.frames.device import Device
from protocol.kinds import NONE
from protocol.names import OP_NAMES


def of_incident(
    incident: Incident,
    change: Change,
    number: int,
    device: Device,
    targets: tuple[str, ...] | None = None,
) -> Notice:
    """Return event `number` of `incident`; a test has types of its own, so that it wakes nobody."""
    family = "test" if incident.test else "alert"
    data = {
        "incident": incident.id,
        **_whose(device),
        "kind": incident.kind,
        "state": incident.state.value,
        "stage": OP_NAMES[best_stage(incident)],
        "felt": OP_NAMES[incident.felt] if incident.felt != NONE else None,
        "silent": incident.silent,
        "duress": incident.duress,
        "cancelled": incident.cancelled,
        "cancel_unverified": incident.cancel_unverified,
        "freshness": incident.freshness.value,
        "opened_at": incident.opened_at,
        "linked": incident.linked,
        **change.detail,
    }
    return Notice(
        id=f"{incident.id}.{number}",
        subject=incident.id,
        urgent=not incident.test,
        type=f"tocsin.{family}.{change.name}",
        at=change.at,
        incident=incident.id,
        number=number,
        data=data,
        targets=targets,
    )


def of_device(
    device: Device, name: str, at: float, counter: int, detail: Mapping[str, object]
) -> Notice:
    """Return what the device itself reports: a fault, a restore, a visit."""
    return Notice(
        id=f"{device.id}.{name}.{detail.get('code', '')}.{counter}.{int(at * 1000)}",
        subject=f"device.{device.id}",
        urgent=False,
        type=f"tocsin.device.{name}",
        at=at,
        incident=None,
        number=0,
        data={**_whose(device), **detail},
    )


def of_gateway(event: Fault | Restore, name: str) -> Notice:
    """Return a fault of the gateway, or its end."""
    return Notice(
        id=f"gateway.{name}.{event.source}.{event.code}.{int(event.at * 1000)}",
        subject=f"gateway.{event.source}",
        urgent=False,
        type=f"tocsin.gateway.{name}",
        at=event.at,
        incident=None,
        number=0,
        data={
            "source": event.source,
            "code": event.code,
            "why": event.why if isinstance(event, Fault) else "",
        },
    )


def _whose(device: Device) -> dict[str, object]:
    return {
        "device": device.id,
        "role": device.role,
        "label": device.label,
        "place": device.place,
    }
