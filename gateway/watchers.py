"""The rules that act when their time has come, in the order in which they are asked."""

from gateway import orders
from gateway.cases.visits import VisitWatch
from gateway.config import Config
from gateway.ledger import Ledger
from gateway.path import Watcher
from gateway.response import site
from gateway.response.plan_watch import PlanWatch
from gateway.watching.batteries import Batteries
from gateway.watching.conditions import Conditions
from gateway.watching.supervision import Supervision


def watchers(config: Config, known: Ledger, now_s: float) -> tuple[Watcher, ...]:
    """Return those of `config`, which begin at `now_s`, gateway time, with what is `known`."""
    watched = config.supervision
    radios = tuple(radio.name for radio in config.radios)
    return (
        VisitWatch(config.visits.grace_s),  # what it raises, the plan goes on with
        PlanWatch(),
        Supervision(watched.rules, radios, known, now_s),
        Conditions(watched.newest_build, watched.weak),
        Batteries(watched.rules, watched.warn_days),
        site,  # tells the other gateways what all these have made of it
        orders,
    )
