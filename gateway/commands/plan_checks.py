"""What `check` finds about plan, annunciator and site: when nobody would be told, and who never is."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from itertools import islice
from pathlib import Path

from gateway.commands.checks import Finding
from gateway.config import Config
from gateway.response.plan import Hole, Plan, holes
from gateway.words import say

_SHOWN = 5
_CHIPS = Path("/dev")


def of_plan(config: Config, now: float) -> Iterator[Finding]:
    """Look for holes in the year from `now` (Unix seconds) on, and for targets that no step tells."""
    plan = config.plan
    found = list(islice(holes(plan, now), _SHOWN))
    for hole in found:
        yield Finding("plan", say("check.plan_hole", **_shown(plan, hole)), "warning")
    if not found:
        yield Finding("plan", say("check.plan_holds"))
    told = {target for step in plan.steps for target in step.targets}
    for name in plan.everyone:
        if name not in told:
            yield Finding("plan", say("check.plan_leaves_out", name=name), "warning")


def of_annunciator(config: Config, chips: Path = _CHIPS) -> Iterator[Finding]:
    """Look whether this machine has the pins that are to be switched; `chips` has their devices."""
    local = config.annunciator
    if not local.outputs:
        return
    names = ", ".join(output.name for output in local.outputs)
    if local.virtual:
        yield Finding("annunciator", say("check.pins_virtual", names=names), "warning")
    elif any(chips.glob("gpiochip*")):
        yield Finding("annunciator", say("check.pins", names=names))
    else:
        yield Finding("annunciator", say("check.no_pins", names=names), "fault")


def of_site(config: Config) -> Iterator[Finding]:
    """Say whether this gateway shares its incidents with others of the site."""
    sharing = config.sharing
    if sharing is not None:
        yield Finding("site", say("check.shares", broker=sharing.broker, mark=sharing.mark))
        if not config.peers:
            yield Finding("site", say("check.no_peers", broker=sharing.broker), "warning")
    else:
        yield Finding("site", say("check.alone"))


def _shown(plan: Plan, hole: Hole) -> dict[str, str]:
    zone: tzinfo = next((one.zone for step in plan.steps for one in step.when), UTC)
    begin, end = (
        datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M") for at in (hole.begin, hole.end)
    )
    return {"begin": begin, "end": end, "kinds": ", ".join(hole.kinds)}
