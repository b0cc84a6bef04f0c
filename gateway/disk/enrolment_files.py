"""The enrolment files of the known devices, as they came: encrypted to the gateway's key.

A lost database is made anew from them, so they lie beside it: state_dir/enrolments/<id>.age.
"""

from pathlib import Path

from gateway.disk import durable

FOLDER = "enrolments"


def keep(state_dir: Path, device: str, sealed: bytes) -> None:
    """Keep the file of `device`, for the gateway's user only, on disk before this returns."""
    folder = state_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    durable.replace(folder / f"{device}.age", sealed)


def forget(state_dir: Path, device: str) -> None:
    """Drop the file of `device`, where there is one."""
    folder = state_dir / FOLDER
    if folder.is_dir():
        (folder / f"{device}.age").unlink(missing_ok=True)
        durable.sync_folder(folder)
