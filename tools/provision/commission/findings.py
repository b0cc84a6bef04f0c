"""What a room and a device are worth, by what the gateway heard and the person felt. Pure.

good     every press was heard and felt, and no signal was weak
weak     some press was heard or felt, and yet not all, or a signal was weak
none     no press was both heard and felt
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tools.provision.commission.evidence import Escalation, Heard
from tools.provision.identity import Planned
from tools.provision.plan import Plan

GOOD = "good"
WEAK = "weak"
NONE = "none"
# dBm; below, a gateway tells `weak_link` (its README, supervision.weak_ble_dbm and weak_lora_dbm)
WEAK_DBM = {"ble": -88, "lora": -122}


@dataclass(frozen=True, slots=True)
class Room:
    """A walk test at one place: so many presses, felt so often, and how the gateway heard them."""

    place: str
    device: str
    at: float
    pressed: int
    felt: int
    heard: tuple[Heard, ...] = ()

    @property
    def rate(self) -> float:
        """The share of presses whose answer was felt."""
        return self.felt / self.pressed

    @property
    def verdict(self) -> str:
        """What the room is worth, by the table above."""
        if not self.felt or not self.heard:
            return NONE
        weak = any(self.weakest(medium) < limit for medium, limit in WEAK_DBM.items())
        whole = self.felt >= self.pressed and len(self.heard) >= self.pressed
        return GOOD if whole and not weak else WEAK

    def rssi(self, medium: str) -> list[int]:
        """Return the dBm of each press that was heard first by `medium`."""
        return [each.rssi for each in self.heard if each.medium == medium]

    def middle(self, medium: str) -> float | None:
        """Return the median of `rssi`, or None where there is none."""
        heard = self.rssi(medium)
        return median(heard) if heard else None

    def weakest(self, medium: str) -> int:
        """Return the weakest of `rssi`, 0 where there is none."""
        return min(self.rssi(medium), default=0)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A device, pressed once in test mode: how it was heard, and whether its answer was felt or seen."""

    device: str
    at: float
    heard: Heard | None
    felt: bool

    @property
    def good(self) -> bool:
        """Say whether it works."""
        return self.heard is not None and self.felt


@dataclass(frozen=True, slots=True)
class Visit:
    """All that was done on site; of a room or device the last counts."""

    rooms: dict[str, Room] = field(default_factory=dict)
    devices: dict[str, Pressed] = field(default_factory=dict)
    escalation: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Lack:
    """What stands against a sign-off: a sentence's name, and whom it is about."""

    reason: str
    subject: str


def rooms_of(plan: Plan) -> list[str]:
    """Return the places of the plan, each once: where its devices are worn or fixed."""
    return list(dict.fromkeys(device.place for device in tested(plan)))


def tested(plan: Plan) -> list[Planned]:
    """Return the devices that people press."""
    return [device for device in plan.devices if device.has_key]


def lacks(plan: Plan, visit: Visit) -> list[Lack]:
    """Return what is missing or not good, in the order of the plan."""
    found = [lack for place in rooms_of(plan) for lack in _of_room(place, visit.rooms.get(place))]
    for device in tested(plan):
        pressed = visit.devices.get(device.id)
        if pressed is None:
            found.append(Lack("not_pressed", device.id))
        elif not pressed.good:
            found.append(Lack("not_answered", device.id))
    if visit.escalation is None or not visit.escalation.complete:
        found.append(Lack("no_escalation", "-"))
    return found


def _of_room(place: str, room: Room | None) -> Sequence[Lack]:
    if room is None:
        return [Lack("not_walked", place)]
    return [] if room.verdict == GOOD else [Lack(f"room_{room.verdict}", place)]
