"""What was done on site so far, in a file: a visit may take days and several laptops. It holds no key."""

import json
import os
from dataclasses import asdict
from pathlib import Path

from tools.provision.commission.evidence import Escalation, Heard
from tools.provision.commission.findings import Pressed, Room, Visit


class ProgressBroken(Exception):
    """The file is not one of ours."""


def load(path: Path) -> Visit:
    """Return the visit so far, an empty one where there is no file; raise `ProgressBroken`, OSError."""
    if not path.exists():
        return Visit()
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return Visit(
            {name: _room(each) for name, each in table["rooms"].items()},
            {name: _pressed(each) for name, each in table["devices"].items()},
            Escalation(**table["escalation"]) if table["escalation"] else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProgressBroken(path) from error


def save(path: Path, visit: Visit) -> None:
    """Replace the file, whole; raise OSError."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(visit), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _room(table: dict[str, object]) -> Room:
    heard = table.pop("heard")
    if not isinstance(heard, list):
        raise TypeError(heard)
    return Room(**table, heard=tuple(Heard(**each) for each in heard))  # type: ignore[arg-type]


def _pressed(table: dict[str, object]) -> Pressed:
    heard = table.pop("heard")
    return Pressed(**table, heard=Heard(**heard) if isinstance(heard, dict) else None)  # type: ignore[arg-type]
