"""What became of every press: felt, delivered, told twice, lost. Judged at the end, from facts alone.

felt         the wearer was told STORED or more: from there on the alert is a promise
delivered    an independent subscriber of the broker got `tocsin.alert.raised` of its incident
duplicated   a second such event of one press that is no repeat (another id), or of no press at all
felt_lost    felt, and never delivered
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

RAISED = "tocsin.alert.raised"


@dataclass
class Pressed:
    """A press: who, the incident it began, whether it was felt, and whether its wearer left then."""

    device: str
    incident: str
    felt: bool = False
    left: bool = False


@dataclass
class Account:
    """All presses of a run, by incident, and all that was told."""

    presses: dict[str, Pressed] = field(default_factory=dict)
    told: dict[str, set[str]] = field(default_factory=dict)  # ids of the raised events
    repeats: int = 0
    stored: set[str] = field(default_factory=set)  # incidents in the database at the end

    def press(self, device: str, incident: str) -> Pressed:
        """Note a press that begins an incident."""
        pressed = Pressed(device, incident)
        self.presses[incident] = pressed
        return pressed

    def take(self, event: Mapping[str, object]) -> str | None:
        """Take what the subscriber got; return the incident where this raises one."""
        if event.get("type") != RAISED:
            return None
        incident = str(event["id"]).rpartition(".")[0]
        ids = self.told.setdefault(incident, set())
        self.repeats += str(event["id"]) in ids
        ids.add(str(event["id"]))
        return incident

    def delivered(self, incident: str) -> bool:
        """Say whether it was told."""
        return incident in self.told

    def promised(self) -> Iterable[Pressed]:
        """Yield the presses that rest on the gateway alone: felt, not told, and the wearer away."""
        return (
            one for one in self.presses.values() if one.left and not self.delivered(one.incident)
        )

    @property
    def missing(self) -> list[Pressed]:
        """The presses that were not told yet, felt or not."""
        return [one for one in self.presses.values() if not self.delivered(one.incident)]

    def figures(self) -> dict[str, int]:
        """Return the sums."""
        presses = self.presses.values()
        extra = sum(len(ids) - 1 for ids in self.told.values())
        of_nobody = (self.told.keys() | self.stored) - self.presses.keys()
        return {
            "presses": len(presses),
            "felt": sum(one.felt for one in presses),
            "stored_at_end": len(self.stored & self.presses.keys()),
            "delivered": sum(self.delivered(one.incident) for one in presses),
            "felt_lost": sum(one.felt for one in self.missing),
            "unfelt_lost": sum(not one.felt for one in self.missing),
            "duplicated": extra + len(of_nobody),
            "repeats": self.repeats,
        }
