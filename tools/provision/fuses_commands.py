"""What the commands of `tocsin fuses` do. What cannot be undone is written down before it is done."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import typer

from tools.provision.fuses.burner import BurnFailed, Chip, mac_of
from tools.provision.fuses.table import OPTIONS, Option, confirmation, unburned
from tools.provision.words import say


def explain() -> None:
    """Say what each option is worth."""
    typer.echo(say("fuses.for_good"))
    for name in OPTIONS:
        typer.echo(f"\n{say(f'fuses.{name}')}")
    typer.echo(f"\n{say('fuses.no_protection')}")


def show(chip: Chip) -> int:
    """Say which fuses of the options are burned; return 0, or 1."""
    try:
        summary = chip.summary()
        for option in OPTIONS.values():
            if not option.refused:
                left = ", ".join(unburned(option, summary)) or "-"
                board = say("fuses.board", chip=chip.kind, mac=mac_of(summary), fuses=left)
                typer.echo(f"{option.name}: {board}")
    except BurnFailed as error:
        return _fail(say("fuses.failed", why=error))
    return 0


def burn(chip: Chip, name: str, by: str, record: Path) -> int:
    """Burn the fuses of an option once a person typed so; return 0, or 1 where it was not done."""
    option = OPTIONS[name]
    typer.echo(say(f"fuses.{name}"))
    if option.refused:
        return 1
    try:
        before = chip.summary()
        mac, left = mac_of(before), unburned(option, before)
        if not left:
            typer.echo(say("fuses.already", option=name))
            return 0
        typer.echo(say("fuses.for_good"))
        typer.echo(say("fuses.board", chip=chip.kind, mac=mac, fuses=", ".join(left)))
        phrase = confirmation(option, mac)
        if typer.prompt(say("fuses.type", phrase=phrase), default="", show_default=False) != phrase:
            return _fail(say("fuses.not_typed"))
        entry: dict[str, object] = {"chip": chip.kind, "mac": mac, "fuses": left, "by": by}
        entry |= {"practice": chip.practice is not None}
        _note(record, "begun", entry)
        chip.burn(left)
        return _judge(chip, option, record, entry)
    except BurnFailed as error:
        return _fail(say("fuses.failed", why=error))
    except OSError as error:
        return _fail(say("fuses.unrecorded", path=record, why=error.strerror))


def _judge(chip: Chip, option: Option, record: Path, entry: dict[str, object]) -> int:
    """Read back what can be, and note how it ended."""
    if option.unreadable:
        _note(record, "burned_unread", entry)
        typer.echo(say("fuses.done_unread", record=record))
        return 0
    left = unburned(option, chip.summary())
    _note(record, "not_burned" if left else "burned", entry)
    if left:
        return _fail(say("fuses.not_burned", fuses=", ".join(left)))
    typer.echo(say("fuses.done", record=record))
    return 0


def _note(record: Path, what: str, entry: dict[str, object]) -> None:
    """Append a line to the record, on disk when this returns; raise OSError."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with record.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": at, "what": what, **entry}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _fail(text: str) -> int:
    typer.echo(text, err=True)
    return 1
