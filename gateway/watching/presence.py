"""What supervision remembers of a device: where it stands and the table of its states, its faults. Pure.

expected   enrolled and never heard         heard      it lives
late       it should have been heard        missing    somebody should look for it
off_duty   it may be anywhere: not judged
"""

from dataclasses import dataclass
from enum import StrEnum

DAYS_KEPT = 400  # of the voltage of a battery


class Presence(StrEnum):
    """Where a device stands."""

    EXPECTED = "expected"
    HEARD = "heard"
    LATE = "late"
    MISSING = "missing"
    OFF_DUTY = "off_duty"


# (state, what happened) -> (state, what people are told)
TRANSITIONS: dict[tuple[Presence, str], tuple[Presence, str | None]] = {
    (Presence.EXPECTED, "heard"): (Presence.HEARD, None),
    (Presence.EXPECTED, "late"): (Presence.LATE, "late"),
    (Presence.EXPECTED, "missing"): (Presence.MISSING, "missing"),
    (Presence.EXPECTED, "off_duty"): (Presence.OFF_DUTY, None),
    (Presence.HEARD, "late"): (Presence.LATE, "late"),
    (Presence.HEARD, "missing"): (Presence.MISSING, "missing"),
    (Presence.HEARD, "off_duty"): (Presence.OFF_DUTY, None),
    (Presence.LATE, "heard"): (Presence.HEARD, "restored"),
    (Presence.LATE, "missing"): (Presence.MISSING, "missing"),
    (Presence.LATE, "off_duty"): (Presence.OFF_DUTY, "restored"),  # nobody expects it any more
    (Presence.MISSING, "heard_again"): (Presence.HEARD, "restored"),  # once may be a stray frame
    (Presence.OFF_DUTY, "on_duty"): (Presence.HEARD, None),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What supervision knows of a device.

    `since` is Unix seconds. Gateway time: `duty_until_s`, when the duty of a worn device ends, and
    `back_s`, when one that is missing was heard again for the first time.
    """

    state: Presence = Presence.EXPECTED
    since: float = 0.0
    duty_until_s: float = 0.0
    back_s: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A fault of a device that has not ended: its value (SPEC 4.1), and since when, Unix seconds."""

    value: int
    since: float


@dataclass(frozen=True, slots=True)
class Day:
    """The median voltage of a battery on one day, `day` counted from 1970-01-01 UTC."""

    day: int
    millivolts: int
