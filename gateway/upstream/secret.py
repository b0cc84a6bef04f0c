"""Secrets of ways out: in files or credentials of systemd, read anew each time, never in a log."""

import os
from pathlib import Path

from gateway.upstream import UpstreamDown


def place(path: Path) -> Path:
    """Return where the secret of `path` is: a credential of the same name goes before the file.

    A credential may be sealed to the machine (systemd-creds), so that the disk alone discloses nothing.
    """
    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    if handed and (Path(handed) / path.name).exists():
        return Path(handed) / path.name
    return path


def secret_text(path: Path | None, reason: str) -> str | None:
    """Return what a file holds, None where none is named; raise `UpstreamDown` with `reason`."""
    if path is None:
        return None
    try:
        return place(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UpstreamDown(reason) from error
