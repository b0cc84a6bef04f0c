"""test-alert: a marked event the way that alerts go, and when each hop had it."""

import argparse
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

from gateway import config as configuration
from gateway import control
from gateway.commands.exits import DONE, NOT_YET, of_result
from gateway.commands.options import Commands
from gateway.commands.reading import reading
from gateway.commands.terminal import show, show_json
from gateway.words import known, say

_WAIT_S = 30
_LOOK_EVERY_S = 0.05
_BY = "test-alert"


class Hop(NamedTuple):
    """`target` had the event after `after_s`; None: it had not confirmed it when the time was over."""

    target: str
    after_s: float | None


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    parser = commands.add("test-alert", send)
    text = say("help.within", default=_WAIT_S)
    parser.optional.add_argument("--within-s", type=int, default=_WAIT_S, metavar="N", help=text)
    parser.optional.add_argument("--by", default=_BY, metavar=say("name"), help=say("help.by"))


def send(options: argparse.Namespace) -> int:
    """Send a trial; tell when it was on disk, and when each upstream had confirmed it."""
    config = configuration.load(options.config)
    name = f"trial.{secrets.token_hex(8)}"
    begin = time.monotonic()
    result = control.trial(config.runtime_dir, name, options.by)
    hops = [Hop("disk", time.monotonic() - begin)] if result == "done" else []
    if not options.json:
        _tell_stored(result, hops)
    if hops:
        with closing(reading(config)) as connection:
            for hop in _hops(connection, name, begin, options.within_s):
                hops.append(hop)
                if not options.json:
                    _tell(hop)
    if options.json:
        show_json({"event": name, "result": result, "hops_s": dict(hops)})
    if result != "done":
        return of_result(result)
    return NOT_YET if any(hop.after_s is None for hop in hops) else DONE


def _hops(
    connection: sqlite3.Connection, name: str, begin: float, within_s: float
) -> Iterator[Hop]:
    """Yield a hop for each upstream as it confirms; in the end those that have not."""
    waiting = set(_confirmed(connection, name))
    while waiting:
        after_s = time.monotonic() - begin
        for target, at in _confirmed(connection, name).items():
            if target in waiting and (at is not None or after_s >= within_s):
                waiting.remove(target)
                yield Hop(target, after_s if at is not None else None)
        time.sleep(_LOOK_EVERY_S)


def _confirmed(connection: sqlite3.Connection, name: str) -> dict[str, float | None]:
    rows = connection.execute("SELECT target, delivered_at FROM outbox WHERE event = ?", (name,))
    return dict(rows.fetchall())


def _tell_stored(result: str, hops: list[Hop]) -> None:
    if hops:
        show(say("trial.stored", ms=_ms(hops[0].after_s)))
    else:
        sentence = f"command.{result}"
        show(say(sentence) if known(sentence) else say("command.refused", why=result))


def _tell(hop: Hop) -> None:
    if hop.after_s is None:
        show(say("trial.waiting", target=hop.target))
    else:
        show(say("trial.confirmed", target=hop.target, ms=_ms(hop.after_s)))


def _ms(seconds: float | None) -> int:
    return round((seconds or 0.0) * 1000)
