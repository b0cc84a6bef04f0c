"""devices | enrol | unenrol: which devices this gateway knows."""

import argparse
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from gateway import config as configuration
from gateway import control
from gateway.commands.exits import BAD_FILE, DONE, NO_FILE, of_result
from gateway.commands.options import FILE, Commands
from gateway.commands.reading import reading
from gateway.commands.terminal import complain, show, show_json, show_rows
from gateway.config import Config
from gateway.disk.enrolment import Enrolment, EnrolmentError, parse
from gateway.disk.enrolment_files import forget, keep
from gateway.disk.gateway_key import GatewayKey, KeyFault
from gateway.disk.heard import read_states
from gateway.disk.registry import enrol, unenrol
from gateway.disk.sole_user import sole_user
from gateway.fields import Problem
from gateway.frames.told import Told
from gateway.watching.device_report import read_reports
from gateway.words import say

_COLUMNS = ("device", "role", "label", "place", "supervision", "heard_at", "battery", "faults")


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    commands.add("devices", show_devices)
    parser = commands.add("enrol", enrol_file)
    file = parser.needed.add_argument(
        "file", type=Path, metavar="FILE", help=say("help.enrol.file")
    )
    file.complete = FILE  # type: ignore[attr-defined]  # what shtab looks for
    parser = commands.add("unenrol", unenrol_device)
    parser.needed.add_argument("device", metavar="ID", help=say("help.device"))


def show_devices(options: argparse.Namespace) -> int:
    """List the enrolled devices."""
    config = configuration.load(options.config)
    with closing(reading(config)) as connection:
        states = read_states(connection)
        rows = connection.execute(
            "SELECT id, role, label, place, heartbeat_s FROM device ORDER BY slot"
        ).fetchall()
        reports = read_reports(connection, config.supervision.rules)
    devices = []
    for row in rows:
        device = dict(zip(("device", "role", "label", "place", "heartbeat_s"), row, strict=True))
        state = states.get(device["device"])
        device["heard_at"] = state.heard_at if state else None
        device["contact_at"] = state.contact_at if state else None
        device |= (state.told if state else Told()).shown()
        device |= reports[device["device"]]
        devices.append(device)
    if not options.json:
        devices = [{**device, "battery": _battery(device["battery"])} for device in devices]
    show_rows(devices, _COLUMNS, as_json=options.json)
    return DONE


def enrol_file(options: argparse.Namespace) -> int:
    """Enrol a device from the file of its provisioning bench, and keep that file."""
    config = configuration.load(options.config)
    key = GatewayKey.load(config.state_dir)
    try:
        sealed = options.file.read_bytes()
    except OSError as error:
        return complain(say("file_unusable", file=options.file, why=error.strerror), NO_FILE)
    try:
        enrolment = parse(key.unseal(sealed))
    except KeyFault as error:
        problems = [Problem("-", say(error.args[0]))]
    except EnrolmentError as error:
        problems = error.problems
    else:
        return _enrol(options, config, key, enrolment, sealed)
    for problem in problems:
        complain(say("problem", file=options.file, key=problem.key, what=problem.what), BAD_FILE)
    return BAD_FILE


def unenrol_device(options: argparse.Namespace) -> int:
    """Let the gateway, or its database where it does not run, forget a device."""
    config = configuration.load(options.config)
    try:
        result = control.unenrol(config.runtime_dir, options.device)
    except control.NotRunning:
        with (
            sole_user(config.state_dir),
            closing(reading(config)) as connection,
        ):
            result = unenrol(connection, options.device)
    if result == "done":
        forget(config.state_dir, options.device)
    if options.json:
        show_json({"device": options.device, "result": result})
    else:
        show(say(f"unenrolled.{result}", device=options.device))
    return of_result(result)


def _battery(told: object) -> str | None:
    """Return the outlook of a battery in a few words: per cent, and days where they are known."""
    if not isinstance(told, Mapping):
        return None
    days = told["days"]
    sentence = "battery.percent" if days is None else "battery.days"
    return say(sentence, percent=told["percent"], days=days)


def _enrol(
    options: argparse.Namespace,
    config: Config,
    key: GatewayKey,
    enrolment: Enrolment,
    sealed: bytes,
) -> int:
    with closing(reading(config)) as connection:
        result = enrol(connection, enrolment, key.seal, key.unseal)
    keep(config.state_dir, enrolment.id, sealed)
    try:
        control.reload(config.runtime_dir)
    except control.NotRunning:
        running = "not_running"
    else:
        running = "told_running"
    if options.json:
        known = running == "told_running"
        show_json({"device": enrolment.id, "result": result, "running_gateway_knows": known})
    else:
        show(say(f"enrolled.{result}", device=enrolment.id))
        show(say(running))
    return DONE
