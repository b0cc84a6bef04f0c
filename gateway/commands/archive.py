"""backup | restore: what the gateway knows, in one age file, and back."""

import argparse
import time
from pathlib import Path

from gateway import config as configuration
from gateway.commands.exits import BAD_FILE, DONE, NO_FILE, USAGE
from gateway.commands.options import FILE, Commands, Parser
from gateway.commands.reading import reading
from gateway.commands.terminal import complain, show, show_json
from gateway.disk import backup as archive
from gateway.disk.backup import BackupFault
from gateway.disk.gateway_key import KeyFault
from gateway.disk.store import DATABASE_NAME
from gateway.words import say

_SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - what such a line begins with


def add(commands: Commands) -> None:
    """Offer the commands of this module."""
    parser = commands.add("backup", backup)
    _file(parser, "file", "help.backup.file")
    parser.optional.add_argument("--to", metavar=say("recipient"), help=say("help.to"))
    parser = commands.add("restore", restore)
    _file(parser, "file", "help.restore.file")
    parser.optional.add_argument(
        "--identity", type=Path, metavar="FILE", help=say("help.identity")
    ).complete = FILE  # type: ignore[attr-defined]  # what shtab looks for


def backup(options: argparse.Namespace) -> int:
    """Write a backup, while the gateway runs or not."""
    config = configuration.load(options.config)
    folder = options.file.absolute().parent
    if not folder.is_dir():
        return complain(say("file_missing_here", file=folder), NO_FILE)
    reading(config).close()
    path = config.state_dir / DATABASE_NAME
    try:
        archive.backup(path, options.file.absolute(), options.to)
    except BackupFault:
        return complain(say("backup.recipient", recipient=options.to), USAGE)
    if options.json:
        show_json({"file": str(options.file), "with_key": options.to is not None})
    else:
        show(say("backup.with_key" if options.to else "backup.done", file=options.file))
    return DONE


def restore(options: argparse.Namespace) -> int:
    """Put a backup in the place of what is there, which is kept; the gateway must not run."""
    config = configuration.load(options.config)
    config.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = config.state_dir / DATABASE_NAME
    for file in (options.file, options.identity):
        if file is not None and not file.is_file():
            return complain(say("file_missing_here", file=file), NO_FILE)
    identity = _identity(options.identity) if options.identity else None
    try:
        restored = archive.restore(path, options.file, time.time(), identity)
    except BackupFault as fault:
        return complain(say(f"restore.{fault.args[0]}", file=options.file), BAD_FILE)
    except KeyFault as fault:
        if fault.args[0] != "not_for_this_gateway":
            raise
        return complain(say("restore.other_key", file=options.file), BAD_FILE)
    if options.json:
        aside = str(restored.aside) if restored.aside else None
        show_json({"devices": restored.devices, "key": restored.key, "aside": aside})
        return DONE
    show(say("restore.done", devices=restored.devices))
    if restored.key:
        show(say("restore.key"))
    if restored.aside:
        show(say("restore.aside", path=restored.aside))
    return DONE


def _identity(file: Path) -> str:
    """Return the secret line of an identity file, as age-keygen or a gateway writes it."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line for line in lines if line.startswith(_SECRET)), "")


def _file(parser: Parser, name: str, sentence: str) -> None:
    action = parser.needed.add_argument(name, type=Path, metavar="FILE", help=say(sentence))
    action.complete = FILE  # type: ignore[attr-defined]  # what shtab looks for
