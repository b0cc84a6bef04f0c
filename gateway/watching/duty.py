"""Who must be heard, and how long a device may be silent. Pure.

    duty     who                               late after            missing after
    fixed    hangs on a wall: always           2.2 heartbeats        3.6 heartbeats: 18 min of 5
    worn     may leave: judged while on duty   2.5 heartbeats        10/3 heartbeats: 50 min of 15
    never    a spare in the drawer             -                     -

By BLE a heartbeat is a burst of some five transmissions, by LoRa one of a button, and up to four of a call
box, until one is answered (SPEC 9): where each fifth transmission is lost, one of 600 heartbeats is. A
device heard by LoRa is given more heartbeats, as many as make a false alarm rare by the loss that its
counters show: 3.6 where one heartbeat in 200 is lost, 12 where one in five is, and of a button before
anything is known. A rule that sets `missing_s` means it.

A worn device spreads its heartbeats over 0.5 to 1.5 of the interval (SPEC 7.1), so that two of them are
at most 3 intervals apart where one between them was lost: missing is what has lost two, or three.
A rule may set `missing_s` itself, 36 s at least; late is then the same part of it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.frames.device import Device
from gateway.response.schedule import Schedule
from gateway.watching.signs import Signs

T = TypeVar("T")

FIXED = "fixed"
WORN = "worn"
NEVER = "never"
DUTIES = (FIXED, WORN, NEVER)
SHORTEST_MISSING_S = 36
SHIFT_S = 10 * 3_600
LONGEST_SHIFT_S = 24 * 3_600

_BY_ROLE = {"button": WORN, "call_box": FIXED}
_LATE = {FIXED: 2.2, WORN: 2.5}  # heartbeats
_MISSING = {FIXED: 3.6, WORN: 10 / 3}
_FALSE_ALARM = 1e-8  # of so few heartbeats
# Lost and sent, before anything is known: each transmission in five; a box sends up to four.
_BELIEVED = {"button": (4.0, 20.0), "call_box": (0.5, 100.0)}
_LONGEST = {
    FIXED: 1.2,
    WORN: 1.5,
}  # from one heartbeat to the next: clocks differ, and worn ones spread


@dataclass(frozen=True, slots=True)
class Rule:
    """How the devices of a role, or one device, are judged. None: whatever the duty says.

    A worn device is on duty for `shift_s` once its wearer has asked whether she is covered, and in the
    hours of the schedule `hours` from the first time it is heard in them. `chemistry` names the discharge
    curve of its battery.
    """

    device: str | None = None
    role: str | None = None
    duty: str | None = None
    missing_s: int | None = None
    shift_s: int | None = None
    hours: Schedule | None = None
    chemistry: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How one device is judged: its duty, and seconds of silence."""

    duty: str
    late_s: float
    missing_s: float
    longest_s: float
    shift_s: float
    hours: Schedule | None = None
    heartbeats: float | None = None  # that make `missing_s`; None: a rule has set it
    believed: tuple[float, float] = _BELIEVED["button"]  # lost and sent by LoRa

    def given(self, signs: Signs) -> "Limits":
        """Return these, with more time where single heartbeats of the device are often lost."""
        loss = signs.loss(self.believed)
        if loss is None or self.heartbeats is None:
            return self
        needed = math.log(_FALSE_ALARM) / math.log(loss)
        more = max(needed / self.heartbeats, 1.0)
        return replace(self, late_s=self.late_s * more, missing_s=self.missing_s * more)

    @property
    def grace_s(self) -> float:
        """Return what a device is given at least once the gateway has begun to listen: one heartbeat."""
        return min(1.5 * self.longest_s, self.missing_s)


def limits(rules: tuple[Rule, ...], device: Device) -> Limits:
    """Return how `device` is judged: by the rule of its own, then that of its role, then its duty."""
    chain = _chain(rules, device.id, device.role)
    duty: str = _first(rule.duty for rule in chain) or _BY_ROLE.get(device.role, FIXED)
    pace = FIXED if duty == NEVER else duty
    set_s = _first(rule.missing_s for rule in chain)
    missing_s = float(set_s or _missing_s(pace, device.heartbeat_s))
    return Limits(
        duty=duty,
        late_s=missing_s * _LATE[pace] / _MISSING[pace],
        missing_s=missing_s,
        longest_s=_LONGEST[pace] * device.heartbeat_s,
        shift_s=float(_first(rule.shift_s for rule in chain) or SHIFT_S),
        hours=_first(rule.hours for rule in chain),
        heartbeats=_MISSING[pace] if set_s is None else None,
        believed=_BELIEVED[device.role],
    )


def chemistry(rules: tuple[Rule, ...], name: str, role: str) -> str | None:
    """Return the chemistry of the battery of the device `name`, where a rule tells it."""
    return _first(rule.chemistry for rule in _chain(rules, name, role))


def _missing_s(pace: str, heartbeat_s: int) -> float:
    return max(_MISSING[pace] * heartbeat_s, SHORTEST_MISSING_S)


def _chain(rules: tuple[Rule, ...], name: str, role: str) -> list[Rule]:
    own = [rule for rule in rules if rule.device == name]
    return own + [rule for rule in rules if rule.device is None and rule.role == role]


def _first(told: Iterable[T | None]) -> T | None:
    return next((value for value in told if value is not None), None)
