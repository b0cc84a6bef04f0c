"""test-upstream: a marked event to one target or to all, hop by hop, each with the time that it took.

Where the service runs the event goes its way (`disk`, `accepted`), and a person may answer it
(`acknowledged`); else it is handed over from here, and nothing is kept.
"""

import argparse
import asyncio
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime

from gateway import config as configuration
from gateway import control
from gateway.commands import one_event
from gateway.commands.exits import DONE, FAULT, NOT_YET
from gateway.commands.options import Commands
from gateway.commands.reading import reading
from gateway.commands.targets import told
from gateway.commands.terminal import complain, show, show_json
from gateway.config import Config
from gateway.disk import signing_key
from gateway.upstream import UpstreamDown
from gateway.upstream.cloudevent import Author
from gateway.upstream.hops import Hop, timed, walk
from gateway.upstream.targets import Target
from gateway.words import say

_LOOK_EVERY_S = 0.05
_WAIT_S = 30
_BY = "test-upstream"
_LATE = "not_yet"
_ACCEPTED = "SELECT 1 FROM outbox WHERE event = ? AND delivered_at IS NOT NULL"
_ANSWERED = (
    "SELECT 1 FROM journal WHERE name = 'trial_answered' AND instr(content, ?)"
    " AND n > (SELECT max(n) FROM journal) - 4096"
)


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    parser = commands.add("test-upstream", test)
    text = say("help.target")
    parser.optional.add_argument("target", nargs="?", metavar=say("target"), help=text)
    text = say("help.within", default=_WAIT_S)
    parser.optional.add_argument("--within-s", type=int, default=_WAIT_S, metavar="N", help=text)
    text = say("help.answer_within")
    parser.optional.add_argument("--answer-within-s", type=int, default=0, metavar="N", help=text)


def test(options: argparse.Namespace) -> int:
    """Test the targets one by one; 1 where a hop fails, 75 where one is still awaited."""
    config = configuration.load(options.config)
    names = [target.name for target in config.upstreams]
    if options.target is not None and options.target not in names:
        text = say("upstream_test.unknown", target=options.target, known=", ".join(names))
        return complain(text, FAULT)
    chosen = [one for one in config.upstreams if options.target in (None, one.name)]
    codes = [asyncio.run(_test(target, config, options)) for target in chosen]
    return max(codes, key=(DONE, NOT_YET, FAULT).index, default=DONE)


async def _test(target: Target, config: Config, options: argparse.Namespace) -> int:
    name, hops = f"trial.{secrets.token_hex(8)}", list[Hop]()
    if not options.json:
        show(say("upstream_test.begin", target=target.name, event=name))
    async for hop in _hops(target, config, name, options):
        hops.append(hop)
        if not options.json:
            _tell(hop)
    if options.json:
        show_json({"target": target.name, "event": name, "hops": [_shown(hop) for hop in hops]})
    if not hops[-1].why:
        return DONE
    return NOT_YET if hops[-1].why == _LATE else FAULT


async def _hops(
    target: Target, config: Config, name: str, options: argparse.Namespace
) -> AsyncIterator[Hop]:
    async for hop in walk(target):
        yield hop
        if hop.why:
            return
    try:
        hop, _ = await timed("disk", _given(config, name, target.name))
    except control.NotRunning:
        yield await _handed_over(target, config, name, options.within_s)
        return
    yield hop
    if hop.why:
        return
    with closing(reading(config)) as connection:
        yield await _seen("accepted", connection, _ACCEPTED, name, options.within_s)
        if options.answer_within_s:
            within_s = options.answer_within_s
            yield await _seen("acknowledged", connection, _ANSWERED, name, within_s)


async def _given(config: Config, name: str, target: str) -> None:
    """Let the running service send it; raise `UpstreamDown` where that does not."""
    result = await asyncio.to_thread(control.trial, config.runtime_dir, name, _BY, (target,))
    if result != "done":
        raise UpstreamDown(result)


async def _handed_over(target: Target, config: Config, name: str, within_s: int) -> Hop:
    author = Author(config.place, signing_key.load_or_make(config.state_dir))
    row = one_event.trial_row(name, _BY, time.time())
    call = one_event.deliver(target, config, author, row, within_s)
    hop, _ = await timed("accepted", call, within_s + 1.0)
    return hop


async def _seen(
    hop: str, connection: sqlite3.Connection, query: str, name: str, within_s: int
) -> Hop:
    """Wait until `query` finds the event `name`; tell how long that took."""
    begin = time.perf_counter()
    while True:
        found = connection.execute(query, (name,)).fetchone()
        after_s = time.perf_counter() - begin
        if found is not None or after_s >= within_s:
            return Hop(hop, after_s * 1000, "" if found else _LATE)
        await asyncio.sleep(_LOOK_EVERY_S)


def _shown(hop: Hop) -> dict[str, object]:
    shown: dict[str, object] = {"hop": hop.name, "ms": round(hop.ms, 1)}
    if hop.why:
        shown["why"] = hop.why
    if hop.ends is not None:
        shown["certificate_ends"] = datetime.fromtimestamp(hop.ends, UTC).isoformat()
    return shown


def _tell(hop: Hop) -> None:
    name, ms = say(f"hop.{hop.name}"), round(hop.ms)
    if hop.why:
        show(say("upstream_test.failed", hop=name, ms=ms, why=told(hop.why)))
    elif hop.ends is not None:
        day = f"{datetime.fromtimestamp(hop.ends, UTC):%Y-%m-%d}"
        show(say("upstream_test.passed_until", hop=name, ms=ms, day=day))
    else:
        show(say("upstream_test.passed", hop=name, ms=ms))
