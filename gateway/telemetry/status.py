"""How the running gateway fares, as a file in the runtime folder that `status` shows."""

import json
import resource
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from gateway.cases.incident import State
from gateway.ledger import Ledger
from gateway.watching.presence import Presence

FILE_NAME = "status.json"
EVERY_S = 10.0  # it is written
_PAGE_BYTES = resource.getpagesize()


def write(runtime_dir: Path, status: Mapping[str, object]) -> None:
    """Replace the file in one step: a reader never meets half of it."""
    path = runtime_dir / FILE_NAME
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(status, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def read(runtime_dir: Path) -> dict[str, object] | None:
    """Return what was written last, or None; raise `PermissionError`."""
    try:
        status = json.loads((runtime_dir / FILE_NAME).read_text(encoding="utf-8"))
    except PermissionError:
        raise
    except (OSError, ValueError):
        return None
    return status if isinstance(status, dict) else None


def of_ledger(ledger: Ledger) -> dict[str, object]:
    """Return what stands: incidents that are not closed, devices that are not well, our own faults."""
    states = Counter(watched.state.value for watched in ledger.watched.values())
    unheard = [
        {"device": name, "state": watched.state.value, "since": watched.since}
        for name, watched in ledger.watched.items()
        if watched.state in (Presence.LATE, Presence.MISSING)
    ]
    faults = [
        {"device": device, "code": code, "since": standing.since}
        for (device, code), standing in ledger.standing.items()
    ]
    waiting = Counter(
        incident.state.value
        for incident in ledger.incidents.values()
        if incident.state is not State.CLOSED and not incident.test
    )
    of_gateway = [
        {"source": source, "code": code, "since": since}
        for (source, code), since in ledger.faults.items()
    ]
    if ledger.failing_since is not None:  # on disk only when it is over
        of_gateway.append(
            {"source": "store", "code": "write_failed", "since": ledger.failing_since}
        )
    return {
        "faults": of_gateway,
        "incidents": dict(waiting),
        "supervision": dict(states),
        "unheard": unheard,
        "device_faults": faults,
    }


def resident_mb() -> float:
    """Return the resident memory of this process (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * _PAGE_BYTES / 1e6, 1)
