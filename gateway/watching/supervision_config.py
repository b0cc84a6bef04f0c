"""[supervision] of gateway.toml: who must be heard, what is weak or old, when the gateway is in trouble."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.disk.enrolment import ROLES
from gateway.fields import Fields
from gateway.response.schedule import Schedule
from gateway.watching.discharge import CURVES
from gateway.watching.duty import DUTIES, LONGEST_SHIFT_S, SHORTEST_MISSING_S, Rule
from gateway.watching.link_quality import Weak
from gateway.watching.wellbeing import Limits
from gateway.words import say

_WEEK_S = 7 * 86_400
_BUILD_MAX = 65_535


@dataclass(frozen=True, slots=True)
class SupervisionConfig:
    """How devices and the gateway itself are watched. `newest_build` 0: not judged."""

    rules: tuple[Rule, ...] = ()
    newest_build: int = 0
    warn_days: int = 45
    weak: Weak = field(default_factory=Weak)
    limits: Limits = field(default_factory=Limits)


def read_supervision(root: Fields, schedules: Mapping[str, Schedule]) -> SupervisionConfig:
    """Return the table [supervision], all of it optional; `schedules` are those that rules may name."""
    fields = root.table("supervision")
    weak, limits = Weak(), Limits()
    config = SupervisionConfig(
        rules=tuple(_rule(rule, schedules) for rule in fields.tables("rule")),
        newest_build=fields.number("newest_build", 0, _BUILD_MAX, 0),
        warn_days=fields.number("battery_warn_days", 30, 365, 45),
        weak=Weak(
            ble_dbm=fields.number("weak_ble_dbm", -110, -40, weak.ble_dbm),
            lora_dbm=fields.number("weak_lora_dbm", -140, -40, weak.lora_dbm),
        ),
        limits=Limits(
            disk_free_mb=fields.number("disk_free_mb", 0, 1_000_000, limits.disk_free_mb),
            waiting_max=fields.number("outbox_rows", 1, 1_000_000, limits.waiting_max),
            hot_celsius=fields.number("hot_celsius", 40, 110, limits.hot_celsius),
        ),
    )
    fields.finish()
    return config


def _rule(fields: Fields, schedules: Mapping[str, Schedule]) -> Rule:
    device, role = fields.optional("device", "button-01"), fields.optional("role", ROLES[0])
    if (device is None) == (role is None):
        fields.problem("device", say("device_or_role"))
    if role is not None and role not in ROLES:
        fields.problem("role", say("not_one_of", known=", ".join(ROLES)))
    hours = _one_of(fields, "hours", tuple(schedules))
    rule = Rule(
        device=device,
        role=role,
        duty=_one_of(fields, "duty", DUTIES),
        missing_s=fields.optional_number("missing_s", SHORTEST_MISSING_S, _WEEK_S),
        shift_s=fields.optional_number("shift_s", 600, LONGEST_SHIFT_S),
        hours=None if hours is None else schedules[hours],
        chemistry=_one_of(fields, "chemistry", tuple(CURVES)),
    )
    fields.finish()
    return rule


def _one_of(fields: Fields, key: str, known: tuple[str, ...]) -> str | None:
    value = fields.optional(key, known[0] if known else "")
    if value is None or value in known:
        return value
    fields.problem(key, say("not_one_of", known=", ".join(known) or "-"))
    return None
