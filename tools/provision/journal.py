"""What is on disk of a board: on its way which steps need not run again, and in the end its record.

    FOLDER/unfinished/MAC.json    of a board that is on its way: which device it becomes, steps done
    FOLDER/ID.json                the record: only of a board that went through every step
    FOLDER/earlier/ID.1.json      of the board, or with the key, that the device had before

No key is in any.
"""

import json
import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

_UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Begun:
    """A board that was not finished."""

    device: str
    image: str  # SHA-256
    done: tuple[str, ...]


class Journal:
    """The folder of records."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made with the first board."""
        self._folder = folder

    def begun(self, mac: str) -> Begun | None:
        """Return what is known of a board that was not finished."""
        try:
            table = json.loads(self._unfinished(mac).read_text())
            return Begun(table["device"], table["image"], tuple(table["done"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def note(self, mac: str, begun: Begun) -> None:
        """Keep how far a board is."""
        table = {"device": begun.device, "image": begun.image, "done": begun.done}
        _write(self._unfinished(mac), table)

    def record(self, mac: str, device: str, record: dict[str, Any]) -> Path:
        """Write the record of a finished board, which is not under way any more; return its file.

        A record that the device had from before stays beside it.
        """
        path = self.path(device)
        if path.exists():
            path.rename(self._earlier(device))
        _write(path, record)
        self._unfinished(mac).unlink(missing_ok=True)
        return path

    def path(self, device: str) -> Path:
        """Return where the record of a device is, or would be."""
        return self._folder / f"{device}.json"

    def has(self, device: str) -> bool:
        """Say whether a device has a record."""
        return self.path(device).is_file()

    def _earlier(self, device: str) -> Path:
        numbered = (self._folder / "earlier" / f"{device}.{number}.json" for number in count(1))
        free = next(path for path in numbered if not path.exists())
        free.parent.mkdir(exist_ok=True)
        return free

    def _unfinished(self, mac: str) -> Path:
        return self._folder / _UNFINISHED / f"{mac.replace(':', '')}.json"


def _write(path: Path, table: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    with beside.open("w") as file:
        file.write(json.dumps(table, indent=2, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
