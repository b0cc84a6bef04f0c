"""What enrolment told of a device."""

from dataclasses import dataclass, field

from protocol.keys import Keys


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device; `slot` is its small stable number, also at the radio heads."""

    slot: int
    id: str
    role: str
    label: str
    place: str
    heartbeat_s: int
    floor: int
    enrolled_at: float  # Unix seconds; another key means another enrolment
    keys: Keys = field(repr=False, compare=False)
    dated_at: float = 0.0  # Unix seconds when `floor` was its counter
    chemistry: str | None = None  # of its battery, where the enrolment tells it

    @property
    def listens_always(self) -> bool:
        """Say whether it hears answers also long behind its own frames."""
        return self.role == "call_box"
