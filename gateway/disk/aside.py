"""Databases that were set aside, for whoever wants to see what became of them: the last few.

    gateway.sqlite.damaged-20260504T101500Z     and what lies beside it: -wal, -shm

A card that goes bad damages one after the other. Kept without end, they would fill the disk, and alerts
with it.
"""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gateway.disk import durable

WITH_IT = ("", "-wal", "-shm")
KEPT = 2  # of each reason


def set_aside(path: Path, why: str, now: float) -> Path | None:
    """Rename the database and what belongs to it after `why`; return its new path, if it was there."""
    if not path.exists():
        return None
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.{why}-{stamp}")
    for suffix in WITH_IT:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    make_room(path, why, KEPT)
    durable.sync_folder(path.parent)
    return aside


def make_room(path: Path, why: str, kept: int) -> None:
    """Delete all but the last `kept` that were set aside for `why`; what cannot be deleted stays."""
    asides = [
        one
        for one in sorted(path.parent.glob(f"{path.name}.{why}-*Z"))
        if not one.name.endswith(WITH_IT[1:])
    ]
    for one in asides[: max(len(asides) - kept, 0)]:
        for suffix in WITH_IT:
            with suppress(OSError):
                Path(f"{one}{suffix}").unlink(missing_ok=True)
