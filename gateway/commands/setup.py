"""setup: the guided first start, from nothing to a gateway that runs and can be enrolled to."""

import argparse
import tomllib
from pathlib import Path

from gateway import config as configuration
from gateway.commands.exits import CONFIG, DONE, FAULT, NO_FILE
from gateway.commands.options import FILE, Commands
from gateway.commands.terminal import complain, show, show_json
from gateway.config import ConfigError
from gateway.fields import Problem
from gateway.first_start import answers, hardware, placing
from gateway.first_start.answers import Plan
from gateway.first_start.dialogue import GivenUp, at_this_terminal
from gateway.words import say

_FOLDERS = ("state_dir", "runtime_dir")


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    parser = commands.add("setup", setup)
    parser.optional.add_argument(
        "--answers", type=Path, metavar="FILE", help=say("help.setup.answers")
    ).complete = FILE  # type: ignore[attr-defined]  # what shtab looks for
    for folder in _FOLDERS:
        parser.optional.add_argument(
            f"--{folder.replace('_', '-')}", metavar="FOLDER", help=say(f"help.setup.{folder}")
        )
    parser.optional.add_argument("--again", action="store_true", help=say("help.setup.again"))


def setup(options: argparse.Namespace) -> int:
    """Ask or read, write, check, start, and say what comes next."""
    path: Path = options.config
    if path.exists() and not options.again:
        return complain(say("setup.exists", path=path), FAULT)
    try:
        plan = _plan(options, path)
    except FileNotFoundError:
        return complain(say("file_missing_here", file=options.answers), NO_FILE)
    except tomllib.TOMLDecodeError as error:
        return complain(say("not_toml", why=error), CONFIG)
    except GivenUp:
        return complain("\n" + say("setup.given_up"), FAULT)
    config = placing.place(plan, path)
    recipient = placing.key_of(config).recipient
    if options.json:
        show_json({"config": str(path), "recipient": recipient, "running": _start(path)})
        return DONE
    show(say("setup.written", path=path))
    well = placing.check(path, config) == DONE
    _tell_running(_start(path))
    show(say("setup.recipient", recipient=recipient))
    return DONE if well else FAULT


def _plan(options: argparse.Namespace, path: Path) -> Plan:
    """Return what is to be written at `path`; raise `ConfigError`, or what a file of answers may raise."""
    found = hardware.look()
    file: Path | None = options.answers
    if file is None:
        table = at_this_terminal().run(found)
    else:
        with file.open("rb") as opened:
            table = tomllib.load(opened)
    given = {folder: getattr(options, folder) for folder in _FOLDERS}
    table |= {folder: told for folder, told in given.items() if told is not None}
    problems: list[Problem] = []
    plan = answers.plan(table, found, path.absolute().parent, problems)
    if problems:
        raise ConfigError(file or path, problems)
    return plan


def _start(path: Path) -> bool | None:
    """Start the service, if it is of this configuration; None where it is not, or cannot be."""
    return placing.start() if path == configuration.DEFAULT_PATH else None


def _tell_running(running: bool | None) -> None:  # noqa: FBT001 - what `start` has said
    if running is None:
        show(say("setup.not_started"))
    else:
        show(say("setup.started" if running else "setup.start_failed"))
