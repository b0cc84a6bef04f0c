"""run | status: the gateway itself."""

import argparse
import asyncio
import time
from collections.abc import Mapping

from gateway import config as configuration
from gateway.commands.exits import DONE, NOT_RUNNING
from gateway.commands.options import Commands
from gateway.commands.terminal import cell, complain, heading, show, show_json, table
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.sole_user import sole_user
from gateway.telemetry import status
from gateway.words import say

_OLD_S = 3 * status.EVERY_S  # a gateway that runs has written it anew


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    commands.add("run", run)
    commands.add("status", show_status)


def run(options: argparse.Namespace) -> int:
    """Be the gateway until a signal ends it."""
    from uvloop import new_event_loop  # noqa: PLC0415 - no other command waits until all of it is read

    from gateway.service import Service  # noqa: PLC0415

    config = configuration.load(options.config)
    config.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.runtime_dir.mkdir(parents=True, exist_ok=True)
    # Between two alerts all code has left the cache: a loop in C brings less of it back.
    with sole_user(config.state_dir), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(Service(config, GatewayKey.load(config.state_dir)).run())
    return DONE


def show_status(options: argparse.Namespace) -> int:
    """Show what the running gateway wrote last of itself."""
    config = configuration.load(options.config)
    found = status.read(config.runtime_dir)
    if found is None:
        return complain(say("status.stale", path=config.runtime_dir), NOT_RUNNING)
    at = found.setdefault("at", 0.0)
    age_s = round(time.time() - at) if isinstance(at, float) else 0
    if options.json:
        show_json(found)
    else:
        del found["at"]
        show("\n".join([say("status.age", age=age_s), *_lines(found)]))
    if age_s > _OLD_S:
        return complain(say("status.old", age=age_s), NOT_RUNNING)
    return DONE


def _lines(found: Mapping[str, object]) -> list[str]:
    """Return one line for what is simple, and a table for what has several of a kind."""
    simple = {name: value for name, value in found.items() if not _has_several(value)}
    width = max((len(heading(name)) for name in simple), default=0)
    lines = [f"{heading(name):{width}}  {cell(name, value)}" for name, value in simple.items()]
    for name, value in found.items():
        if _has_several(value):
            lines += ["", f"{heading(name)}:", table(*_rows(value))]
    return lines


def _has_several(value: object) -> bool:
    items = value.values() if isinstance(value, Mapping) else value
    return isinstance(items, list | type({}.values())) and any(
        isinstance(item, Mapping) for item in items
    )


def _rows(value: object) -> tuple[list[dict[str, object]], list[str]]:
    if isinstance(value, Mapping):
        rows = [{"name": name, **item} for name, item in value.items()]
    elif isinstance(value, list):
        rows = [dict(item) for item in value]
    else:
        raise TypeError(type(value).__name__)
    columns = dict.fromkeys(name for row in rows for name in row)
    return rows, list(columns)
