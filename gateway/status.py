"""How the running gateway fares, as a file in the runtime folder that `status` shows."""

import json
import resource
from collections.abc import Mapping
from pathlib import Path

FILE_NAME = "status.json"
_PAGE_BYTES = resource.getpagesize()


def write(runtime_dir: Path, status: Mapping[str, object]) -> None:
    """Replace the file in one step: a reader never meets half of it."""
    path = runtime_dir / FILE_NAME
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(status, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def read(runtime_dir: Path) -> dict[str, object] | None:
    """Return what was written last, or None."""
    try:
        status = json.loads((runtime_dir / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return status if isinstance(status, dict) else None


def resident_mb() -> float:
    """Return the resident memory of this process (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * _PAGE_BYTES / 1e6, 1)
