"""incidents | acknowledge | close: who called for help, and who answers."""

import argparse
from contextlib import closing

from gateway import config as configuration
from gateway import control
from gateway.commands.exits import DONE, of_result
from gateway.commands.options import Commands
from gateway.commands.reading import reading
from gateway.commands.terminal import show, show_json, show_rows
from gateway.disk.journal import timeline
from gateway.disk.rows import read_incidents
from gateway.words import known, say

_COLUMNS = ("incident", "device", "kind", "state", "cancelled", "freshness", "opened_at")


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    commands.add("incidents", show_incidents)
    for name in ("acknowledge", "close"):
        parser = commands.add(name, command)
        parser.set_defaults(verb=name, eta_minutes=None)
        parser.needed.add_argument("incident", metavar="ID", help=say("help.incident"))
        parser.needed.add_argument("--by", required=True, metavar=say("name"), help=say("help.by"))
        if name == "acknowledge":
            text = say("help.eta")
            parser.optional.add_argument("--eta-minutes", type=int, metavar="N", help=text)


def show_incidents(options: argparse.Namespace) -> int:
    """List the incidents; for a program with their timelines."""
    config = configuration.load(options.config)
    incidents = []
    with closing(reading(config)) as connection:
        for incident in read_incidents(connection):
            row: dict[str, object] = {
                "incident": incident.id,
                "device": incident.device,
                "kind": incident.kind,
                "state": incident.state.value,
                "cancelled": incident.cancelled,
                "freshness": incident.freshness.value,
                "opened_at": incident.opened_at,
            }
            if options.json:
                row["timeline"] = timeline(connection, incident.id)
            incidents.append(row)
    show_rows(incidents, _COLUMNS, as_json=options.json)
    return DONE


def command(options: argparse.Namespace) -> int:
    """Acknowledge or close an incident."""
    config = configuration.load(options.config)
    result = control.command(
        config.runtime_dir, options.verb, options.incident, options.by, options.eta_minutes
    )
    if options.json:
        show_json({"result": result})
    elif known(f"command.{result}"):
        show(say(f"command.{result}"))
    else:
        show(say("command.refused", why=result))
    return of_result(result)
