"""tocsin-gateway: from the command line to one command, and from what went wrong to words and a status."""

import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from gateway import control
from gateway.commands import exits
from gateway.commands.options import Commands, Parser
from gateway.commands.terminal import complain
from gateway.config import ConfigError
from gateway.disk.gateway_key import KeyFault
from gateway.disk.schema import NewerSchema
from gateway.disk.sole_user import AlreadyRunning
from gateway.disk.stand_in import takes_nothing
from gateway.words import say

# The modules of `gateway.commands`, and what each offers. One is loaded: on a small board that takes long.
_FAMILIES = {
    "setup": ("setup",),
    "running": ("run",),
    "status": ("status",),
    "checking": ("check",),
    "devices": ("devices", "enrol", "unenrol"),
    "incidents": ("incidents", "acknowledge", "close"),
    "order": ("command",),
    "trial": ("test-alert",),
    "upstream_test": ("test-upstream",),
    "journal": ("journal",),
    "archive": ("backup", "restore"),
    "keys": ("key",),
    "event_documents": ("events",),
    "completion": (),  # completes all: it comes with them
}
_SAID: dict[type[Exception], tuple[str, int]] = {
    control.NotRunning: ("needs_running", exits.NOT_RUNNING),
    AlreadyRunning: ("already_running", exits.FAULT),
    NewerSchema: ("newer_schema", exits.DISK),
}
_TOLD: tuple[type[Exception], ...] = (ConfigError, KeyFault, sqlite3.Error, OSError, *_SAID)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status, one of `gateway.commands.exits`."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parser(*given[:1]).parse_args(given)
    command: Callable[..., int] = options.call
    try:
        return command(options)
    except BrokenPipeError:  # who read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FAULT
    except _TOLD as error:
        return complain(*explained(error))


def parser(wanted: str = "") -> Parser:
    """Return what reads the command `wanted`, in the reader's language; all, where there is none."""
    whole = Parser(prog="tocsin-gateway", description=say("help.tocsin"), epilog=say("help.exits"))
    commands = Commands(whole)
    family = [name for name, offers in _FAMILIES.items() if wanted in offers]
    for name in family or _FAMILIES:
        import_module(f"gateway.commands.{name}").add(commands)
    return whole


def explained(error: Exception) -> tuple[str, int]:
    """Return what a person is told of `error`, and the exit status it stands for."""
    if isinstance(error, ConfigError):
        return str(error), exits.CONFIG
    if isinstance(error, KeyFault):
        code, *path = error.args
        return say(code, path=path[0] if path else ""), exits.CONFIG
    if isinstance(error, PermissionError):
        return say("not_allowed", path=error.filename), exits.NOT_ALLOWED
    for kind, (sentence, status) in _SAID.items():
        if isinstance(error, kind):
            return say(sentence, path=error), status
    if isinstance(error, sqlite3.Error | OSError) and takes_nothing(error):
        return say("disk_takes_nothing", why=error), exits.DISK
    return say("store_unusable", why=f"{type(error).__name__}: {error}"), exits.DISK
