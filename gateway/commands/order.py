"""command: a device is ordered to do something, and what became of that."""

import argparse
import json
import secrets
import sqlite3
import time
from contextlib import closing

from gateway import config as configuration
from gateway import control
from gateway.commands.exits import DONE, FAULT, NOT_YET, USAGE, of_result
from gateway.commands.options import Commands
from gateway.commands.reading import reading
from gateway.commands.terminal import complain, show, show_json
from gateway.config import Config
from gateway.words import known, say
from protocol.names import COMMAND_NAMES

_OPS = {name.replace("_", "-"): op for op, name in COMMAND_NAMES.items()}
_IN_MINUTES = "walk-test"
_IN_SECONDS = ("siren", "light")
_AMOUNT = 10
_AMOUNT_MAX = 255
_WITHIN_S = 60  # for what listens always
_WITHIN_HEARTBEATS = 3.5  # two of a worn device, each up to half as long again; and a little
_LOOK_EVERY_S = 0.2
_SPARE_S = 3.0  # the gateway notes that the time is over
_ENDS = {"order_done": DONE, "order_refused": FAULT, "order_unheard": NOT_YET}


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    parser = commands.add("command", order)
    parser.needed.add_argument("device", metavar="ID", help=say("help.device"))
    names = sorted(_OPS)
    text = say("help.command.name", names=", ".join(names))
    parser.needed.add_argument("name", choices=names, metavar=say("usage.command"), help=text)
    parser.needed.add_argument("--by", required=True, metavar=say("name"), help=say("help.by"))
    for option in ("seconds", "minutes"):
        text = say(f"help.command.{option}", default=_AMOUNT)
        parser.optional.add_argument(f"--{option}", type=int, metavar="N", help=text)
    text = say("help.command.within", default=_WITHIN_S)
    parser.optional.add_argument("--within-s", type=int, metavar="N", help=text)


def order(options: argparse.Namespace) -> int:
    """Hand an order to the running gateway; tell when it waits, and what the device reported."""
    config = configuration.load(options.config)
    amount = _amount(options)
    if amount is None:
        return complain(say("order.amount", name=options.name), USAGE)
    name = f"order.{secrets.token_hex(8)}"
    with closing(reading(config)) as connection:
        within_s = options.within_s
        if within_s is None:
            within_s = _within_s(connection, options.device)
        begun = _newest(connection)
        result = _hand_over(config, options, name, amount, within_s)
        if result == "done":
            if not options.json:
                show(say("order.waits", device=options.device, minutes=-(-within_s // 60)))
            result = _outcome(connection, name, begun, within_s)
    if options.json:
        show_json(
            {"order": name, "device": options.device, "command": options.name, "result": result}
        )
    elif known(f"order.{result}"):
        show(say(f"order.{result}", device=options.device))
    else:
        show(say("command.refused", why=result))
    return _ENDS[result] if result in _ENDS else of_result(result)


def _amount(options: argparse.Namespace) -> int | None:
    """Return the argument of the command, None where what was given is not that of this one."""
    given = {"seconds": options.seconds, "minutes": options.minutes}
    unit = "minutes" if options.name == _IN_MINUTES else "seconds"
    wanted = options.name in (_IN_MINUTES, *_IN_SECONDS)
    others = [value for name, value in given.items() if name != unit or not wanted]
    if any(value is not None for value in others):
        return None
    amount = given[unit] if given[unit] is not None else _AMOUNT * wanted
    return amount if 0 <= amount <= _AMOUNT_MAX else None


def _within_s(connection: sqlite3.Connection, device: str) -> int:
    row = connection.execute("SELECT role, heartbeat_s FROM device WHERE id = ?", (device,))
    role, heartbeat_s = row.fetchone() or ("call_box", 0)
    return _WITHIN_S if role == "call_box" else round(_WITHIN_HEARTBEATS * heartbeat_s)


def _hand_over(
    config: Config, options: argparse.Namespace, name: str, amount: int, within_s: int
) -> str:
    return control.order(
        config.runtime_dir,
        {
            "id": name,
            "device": options.device,
            "op": _OPS[options.name],
            "arg": amount,
            "by": options.by,
            "within_s": within_s,
        },
    )


def _newest(connection: sqlite3.Connection) -> int:
    row: tuple[int] = connection.execute("SELECT ifnull(max(n), 0) FROM journal").fetchone()
    return row[0]


def _outcome(connection: sqlite3.Connection, name: str, begun: int, within_s: int) -> str:
    """Return how the journal says that the order `name` ended; it was written behind entry `begun`."""
    until_s = time.monotonic() + within_s + _SPARE_S
    marks = ", ".join("?" * len(_ENDS))
    query = (
        "SELECT name, content FROM journal"  # noqa: S608 - our names
        f" WHERE n > ? AND name IN ({marks})"
    )
    while time.monotonic() < until_s:
        for end, content in connection.execute(query, (begun, *_ENDS)):
            if json.loads(content)["detail"]["order"] == name:
                return str(end)
        time.sleep(_LOOK_EVERY_S)
    return "order_unheard"
