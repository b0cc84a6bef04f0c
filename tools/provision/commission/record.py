"""The record of a commission: what is signed, and handed over."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from tools.provision.commission.evidence import Heard
from tools.provision.commission.findings import (
    WEAK_DBM,
    Lack,
    Pressed,
    Room,
    Visit,
    lacks,
    rooms_of,
    tested,
)
from tools.provision.commission.floors import Floor
from tools.provision.commission.provisioned import Provisioned
from tools.provision.paper.check_digits import check_digits
from tools.provision.plan import Plan

TYPE = "tocsin.commission"
VERSION = 1


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who signs, and what they accept although it is not as it should be."""

    organisation: str
    installer: str
    accepted_by: str
    reservations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that the paper and the signed file tell."""

    id: str
    at: datetime
    site: str
    sign_off: SignOff
    rooms: tuple[Room, ...]
    devices: tuple[tuple[str, str, str, Pressed | None], ...]  # id, role, place, what it did
    visit: Visit
    lacks: tuple[Lack, ...]
    journal_head: dict[str, object]
    provisioned: Mapping[str, Provisioned]  # by device; those whose record is not here are left out
    floors: tuple[Floor, ...] = ()


def make(  # noqa: PLR0913 - what a record is made of
    plan: Plan,
    visit: Visit,
    sign_off: SignOff,
    journal_head: dict[str, object],
    now: datetime,
    *,
    provisioned: Mapping[str, Provisioned],
    floors: tuple[Floor, ...] = (),
) -> Record:
    """Return the record of `plan`, with what is missing."""
    walked = [*rooms_of(plan), *(place for place in visit.rooms if place not in rooms_of(plan))]
    return Record(
        secrets.token_hex(16),
        now.astimezone(UTC),
        plan.site,
        sign_off,
        tuple(visit.rooms[place] for place in walked if place in visit.rooms),
        tuple((d.id, d.role, d.place, visit.devices.get(d.id)) for d in tested(plan)),
        visit,
        tuple(lacks(plan, visit)),
        journal_head,
        provisioned,
        floors,
    )


def document(record: Record, pdf: bytes) -> dict[str, object]:
    """Return the record as JSON to be signed; it names the paper by its SHA-256."""
    escalation = record.visit.escalation
    return {
        "type": TYPE,
        "version": VERSION,
        "id": record.id,
        "source": f"commission/{record.site}",
        "at": record.at.isoformat(timespec="seconds"),
        "site": record.site,
        **asdict(record.sign_off) | {"reservations": list(record.sign_off.reservations)},
        "lacks": [asdict(lack) for lack in record.lacks],
        "limits_dbm": dict(WEAK_DBM),
        "rooms": [_room(room) for room in record.rooms],
        "floors": [_floor(floor) for floor in record.floors],
        "devices": [
            _device(*each) | {"provisioned": _provisioned(record.provisioned.get(each[0]))}
            for each in record.devices
        ],
        "escalation": None if escalation is None else asdict(escalation),
        "journal_head": record.journal_head,
        "pdf_sha256": hashlib.sha256(pdf).hexdigest(),
    }


def _room(room: Room) -> dict[str, object]:
    return {
        "place": room.place,
        "device": room.device,
        "at": room.at,
        "pressed": room.pressed,
        "heard": len(room.heard),
        "felt": room.felt,
        "rssi": {medium: room.rssi(medium) for medium in WEAK_DBM},
        "verdict": room.verdict,
    }


def _floor(floor: Floor) -> dict[str, object]:
    return {
        "title": floor.title,
        "picture_sha256": hashlib.sha256(floor.picture).hexdigest(),
        "places": {place: [round(x, 4), round(y, 4)] for place, (x, y) in floor.places.items()},
    }


def _device(name: str, role: str, place: str, pressed: Pressed | None) -> dict[str, object]:
    return {
        "id": name,
        "check": check_digits(name),
        "role": role,
        "place": place,
        "at": None if pressed is None else pressed.at,
        "heard": None if pressed is None else _heard(pressed.heard),
        "felt": pressed is not None and pressed.felt,
        "good": pressed is not None and pressed.good,
    }


def _provisioned(found: Provisioned | None) -> dict[str, object] | None:
    return None if found is None else asdict(found) | {"round_trip": found.round_trip}


def _heard(heard: Heard | None) -> dict[str, object] | None:
    return None if heard is None else asdict(heard)


def reserved(lacking: Sequence[Lack], reservations: Sequence[str]) -> bool:
    """Say whether the record may be signed: nothing is missing, or somebody wrote why it may be."""
    return not lacking or bool(reservations)
