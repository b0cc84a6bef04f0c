"""What the record of a device's provisioning tells whoever accepts it: which board, what its radio did.

records/ID.json    of `tocsin provision`; a laptop that did not provision a device has none of it
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A device as it left the table; dBm are None where no radio head listened."""

    at: str
    mac: str
    up_dbm: int | None = None
    down_dbm: int | None = None

    @property
    def round_trip(self) -> bool:
        """Say whether its radio was heard, and heard."""
        return self.up_dbm is not None and self.down_dbm is not None


def of(folder: Path, device: str) -> Provisioned | None:
    """Return what the record of a device tells, None where there is none that can be read."""
    try:
        record = json.loads((folder / f"{device}.json").read_text(encoding="utf-8"))
        up_dbm, down_dbm = _levels(record["self_test"].get("radio"))
        return Provisioned(str(record["at"]), str(record["mac"]), up_dbm, down_dbm)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _levels(radio: Any) -> tuple[int | None, int | None]:  # noqa: ANN401 - of version 1 it is an address
    if not isinstance(radio, dict) or not radio["round_trip"]:
        return None, None
    return int(radio["up_dbm"]), int(radio["down_dbm"])
