"""tocsin-gateway: from the command line to one command, and from what went wrong to words and a status."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence

from gateway import control
from gateway.commands import exits, running, setup
from gateway.commands.options import Commands, Family, Parser
from gateway.commands.terminal import complain
from gateway.config import ConfigError
from gateway.disk.gateway_key import KeyFault
from gateway.disk.schema import NewerSchema
from gateway.disk.sole_user import AlreadyRunning
from gateway.disk.stand_in import takes_nothing
from gateway.words import say

_ALONE = ("run", "setup", "status")
_SAID: dict[type[Exception], tuple[str, int]] = {
    control.NotRunning: ("needs_running", exits.NOT_RUNNING),
    AlreadyRunning: ("already_running", exits.FAULT),
    NewerSchema: ("newer_schema", exits.DISK),
}
_TOLD: tuple[type[Exception], ...] = (ConfigError, KeyFault, sqlite3.Error, OSError, *_SAID)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status, one of `gateway.commands.exits`."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parser(given[0] if given else "").parse_args(given)
    command: Callable[..., int] = options.call
    try:
        return command(options)
    except BrokenPipeError:  # who read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FAULT
    except _TOLD as error:
        return complain(*explained(error))


def parser(command: str = "") -> Parser:
    """Return the commands, in the reader's language: all of them, or those that `command` is among.

    To read in what all others need takes a small board seconds, and somebody waits for the gateway.
    """
    whole = Parser(prog="tocsin-gateway", description=say("help.tocsin"), epilog=say("help.exits"))
    commands = Commands(whole)
    for family in (setup, running) if command in _ALONE else _all():
        family.add(commands)
    if command not in _ALONE:
        from gateway.commands import completion  # noqa: PLC0415 - see above

        completion.add(commands, whole)
    return whole


def _all() -> Iterable[Family]:
    from gateway.commands import (  # noqa: PLC0415 - see above
        archive,
        checking,
        devices,
        event_documents,
        incidents,
        journal,
        keys,
        order,
        trial,
        upstream_test,
    )

    first = (setup, running, checking, devices, incidents, order, trial, upstream_test)
    return (*first, journal, archive, keys, event_documents)


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
