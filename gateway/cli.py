"""tocsin-gateway: run | check | status | devices | incidents | acknowledge | close | enrol | key."""

import argparse
import asyncio
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from gateway import config as configuration
from gateway import control, status
from gateway.config import Config, ConfigError
from gateway.enrolment import Enrolment, EnrolmentError, parse
from gateway.fields import Problem
from gateway.gateway_key import GatewayKey, KeyFault
from gateway.registry import enrol
from gateway.schema import NewerSchema
from gateway.service import DATABASE_NAME, AlreadyRunning, Service, sole_user
from gateway.store import connect, read_incidents, read_journal, read_states
from gateway.told import Told
from gateway.words import say

FAULT = 1
_RESULTS = ("done", "unknown_incident", "already_closed", "not_committed")
Command = Callable[[argparse.Namespace, Config], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 (a fault), 2 (usage), 65 (enrolment file) or 78 (config)."""
    options = _parser().parse_args(arguments)
    command: Command = options.call
    try:
        config = configuration.load(options.config)
        return command(options, config)
    except ConfigError as error:
        return _complain(str(error), os.EX_CONFIG)
    except KeyFault as error:
        code, *path = error.args
        return _complain(say(code, path=path[0] if path else ""), FAULT)
    except control.NotRunning as error:
        return _complain(say("needs_running", path=error), FAULT)
    except AlreadyRunning as error:
        return _complain(say("already_running", path=error), FAULT)
    except (sqlite3.Error, NewerSchema, OSError) as error:
        why = f"{type(error).__name__}: {error}"
        return _complain(say("store_unusable", path=config.state_dir, why=why), FAULT)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", type=Path, default=configuration.DEFAULT_PATH, metavar="FILE")
    shared.add_argument("--json", action="store_true", help="print JSON")
    parser = argparse.ArgumentParser("tocsin-gateway", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, call: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[shared], help=text, description=text)
        command.set_defaults(call=call)
        return command

    add("run", _run, "run the gateway")
    add("check", _check, "read the configuration and say what is wrong with it")
    add("status", _status, "show how the running gateway fares")
    add("devices", _devices, "list the enrolled devices")
    add("incidents", _incidents, "list the incidents; with --json their timelines, too")
    for name, text in (("acknowledge", "take an incident"), ("close", "end an incident")):
        command = add(name, _command, text)
        command.set_defaults(verb=name)
        command.add_argument("incident", help="its id, 32 hexadecimal digits")
        command.add_argument("--by", required=True, help="who")
        if name == "acknowledge":
            command.add_argument("--eta-minutes", type=int, help="until help arrives")
        else:
            command.set_defaults(eta_minutes=None)
    add("enrol", _enrol, "enrol a device from its file").add_argument("file", type=Path)
    key = add("key", _key, "make the gateway's key, or show what to encrypt enrolments to")
    key.add_argument("action", choices=("new", "show"))
    return parser


def _run(_: argparse.Namespace, config: Config) -> int:
    config.state_dir.mkdir(parents=True, exist_ok=True)
    config.runtime_dir.mkdir(parents=True, exist_ok=True)
    with sole_user(config.state_dir):
        asyncio.run(Service(config, GatewayKey.load(config.state_dir)).run())
    return 0


def _check(options: argparse.Namespace, config: Config) -> int:
    for upstream in config.upstreams:
        if not upstream.tls and not upstream.local:
            _print(say("no_tls", name=upstream.name))
    _print(say("config_good", file=options.config))
    return 0


def _status(options: argparse.Namespace, config: Config) -> int:
    found = status.read(config.runtime_dir)
    if found is None:
        return _complain(say("status.stale", path=config.runtime_dir), FAULT)
    if options.json:
        _print(json.dumps(found))
        return 0
    at = found.pop("at")
    if isinstance(at, float):
        _print(say("status.age", age=round(time.time() - at)))
    for name, value in found.items():
        _print(f"{name:12} {json.dumps(value, ensure_ascii=False)}")
    return 0


def _devices(options: argparse.Namespace, config: Config) -> int:
    with closing(connect(config.state_dir / DATABASE_NAME)) as connection:
        states = read_states(connection)
        rows = connection.execute(
            "SELECT id, role, label, place, heartbeat_s FROM device ORDER BY slot"
        ).fetchall()
    devices = []
    for row in rows:
        device = dict(zip(("device", "role", "label", "place", "heartbeat_s"), row, strict=True))
        state = states.get(device["device"])
        device["heard_at"] = state.heard_at if state else None
        device["contact_at"] = state.contact_at if state else None
        device |= (state.told if state else Told()).shown()
        devices.append(device)
    _print_rows(options, devices)
    return 0


def _incidents(options: argparse.Namespace, config: Config) -> int:
    incidents = []
    with closing(connect(config.state_dir / DATABASE_NAME)) as connection:
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
                row["timeline"] = read_journal(connection, incident.id)
            incidents.append(row)
    _print_rows(options, incidents)
    return 0


def _command(options: argparse.Namespace, config: Config) -> int:
    result = control.command(
        config.runtime_dir, options.verb, options.incident, options.by, options.eta_minutes
    )
    if options.json:
        _print(json.dumps({"result": result}))
    elif result in _RESULTS:
        _print(say(f"command.{result}"))
    else:
        _print(say("command.refused", why=result))
    return 0 if result == "done" else FAULT


def _enrol(options: argparse.Namespace, config: Config) -> int:
    key = GatewayKey.load(config.state_dir)
    try:
        enrolment = parse(key.unseal(options.file.read_bytes()))
    except KeyFault as error:
        problems = [Problem("-", say(error.args[0]))]
    except EnrolmentError as error:
        problems = error.problems
    else:
        return _enrol_parsed(enrolment, key, config)
    for problem in problems:
        _complain(say("problem", file=options.file, key=problem.key, what=problem.what), FAULT)
    return os.EX_DATAERR


def _enrol_parsed(enrolment: Enrolment, key: GatewayKey, config: Config) -> int:
    with closing(connect(config.state_dir / DATABASE_NAME)) as connection:
        result = enrol(connection, enrolment, key.seal, key.unseal)
    _print(say(f"enrolled.{result}", device=enrolment.id))
    try:
        control.reload(config.runtime_dir)
    except control.NotRunning:
        _print(say("not_running"))
    else:
        _print(say("told_running"))
    return 0


def _key(options: argparse.Namespace, config: Config) -> int:
    config.state_dir.mkdir(parents=True, exist_ok=True)
    make = options.action == "new"
    key = GatewayKey.make(config.state_dir) if make else GatewayKey.load(config.state_dir)
    _print(key.recipient)
    return 0


def _print_rows(options: argparse.Namespace, rows: list[dict[str, object]]) -> None:
    if options.json:
        _print(json.dumps(rows, ensure_ascii=False))
    elif not rows:
        _print(say("nothing"))
    else:
        for row in rows:
            _print("  ".join("-" if value is None else str(value) for value in row.values()))


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str, code: int) -> int:
    sys.stderr.write(text + "\n")
    return code
