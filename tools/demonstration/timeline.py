"""What became of each press: pure, fed with what the wearer, the air, the gateway and the operator saw.

Times are unix seconds; stages are told in ms since the gesture was complete.
"""

from dataclasses import dataclass, field

STAGES = (
    "on_air",
    "received",
    "stored",
    "felt_stored",
    "delivered",
    "acknowledged",
    "felt_acknowledged",
)


@dataclass(slots=True)
class Press:
    """One press and when each stage was reached."""

    device: str
    kind: str
    touched_s: float
    complete_s: float  # the gesture is recognised: the clock of every stage starts
    wake_ms: float  # modelled wake from deep sleep; it runs while the contact is held
    note: str = ""
    incident: str = ""
    at: dict[str, float] = field(default_factory=dict)

    @property
    def recognition_ms(self) -> float:
        """How long the hand held before the gesture was complete."""
        return (self.complete_s - self.touched_s) * 1000

    def ms(self, stage: str) -> float | None:
        """Return when `stage` was reached, or None."""
        return round((self.at[stage] - self.complete_s) * 1000, 1) if stage in self.at else None


class Timeline:
    """All presses of a run."""

    def __init__(self) -> None:
        """Begin with none."""
        self.presses: list[Press] = []
        self.raised: dict[str, str] = {}  # incident -> device, as told upstream
        self._event_ids: dict[str, str] = {}  # raised event id -> incident

    def begin(self, press: Press) -> None:
        """A contact went down."""
        self.presses.append(press)

    def stage(self, device: str, stage: str, at_s: float) -> Press | None:
        """Note what happened to the device's last press, if that is news."""
        press = self._last(device)
        if press is None or stage in press.at or at_s < press.complete_s:
            return None
        press.at[stage] = at_s
        return press

    def incident(self, incident: str, device: str, stage: str, at_s: float) -> Press | None:
        """Note what the gateway or the operator says of an incident, if that is news."""
        press = next((p for p in self.presses if p.incident == incident), None)
        if press is None:
            press = self._last(device)
            if press is None or press.incident or at_s < press.touched_s:
                return None
            press.incident = incident
        if stage in press.at:
            return None
        press.at[stage] = at_s
        return press

    def seen_raised(self, event_id: str, incident: str, device: str) -> None:
        """Note that an alert reached the operator."""
        self.raised[incident] = device
        self._event_ids[event_id] = incident

    def lost(self) -> int:
        """Return how many presses never reached an operator or their wearer."""
        needed = ("stored", "delivered", "felt_stored")
        return sum(
            1
            for press in self.presses
            if press.incident not in self.raised or any(stage not in press.at for stage in needed)
        )

    def duplicated(self) -> int:
        """Return how many alerts reached an operator beyond one a press."""
        return len(self._event_ids) - len({p.incident for p in self.presses} & set(self.raised))

    def percentiles(self) -> dict[str, dict[str, float]]:
        """Return p50 and p95 in ms of each stage over the presses no outage was made for.

        `operator_to_felt` is from the operator's word to the wearer's hand; `stored_with_wake` adds
        the whole modelled wake, as if the contact were not held meanwhile.
        """
        plain = [press for press in self.presses if not press.note]
        columns = {stage: [press.ms(stage) for press in plain] for stage in STAGES}
        columns["operator_to_felt"] = [_between(press) for press in plain]
        columns["stored_with_wake"] = [
            None if (ms := press.ms("stored")) is None else ms + press.wake_ms for press in plain
        ]
        return {
            name: {"p50": percentile(known, 50), "p95": percentile(known, 95)}
            for name, values in columns.items()
            if (known := [value for value in values if value is not None])
        }

    def _last(self, device: str) -> Press | None:
        return next((p for p in reversed(self.presses) if p.device == device), None)


def percentile(values: list[float], percent: int) -> float:
    """Return the smallest value that `percent` % of `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return round(ordered[max(0, rank - 1)], 1)


def _between(press: Press) -> float | None:
    if "felt_acknowledged" not in press.at or "acknowledged" not in press.at:
        return None
    return round((press.at["felt_acknowledged"] - press.at["acknowledged"]) * 1000, 1)
