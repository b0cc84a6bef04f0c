"""How urgent a line is, as journald understands it: <3> to <6> before the line (sd-daemon(3)).

Only where stderr is journald's: `journalctl -p warning` then shows what somebody should look at.
"""

import os
from collections.abc import Mapping
from typing import TextIO

ERROR, WARNING, NOTICE, INFO = 3, 4, 5, 6
_PRIORITIES = {
    "fault": ERROR,
    "nobody_told": ERROR,
    "hangs": ERROR,
    "missing": WARNING,
    "late": NOTICE,
    "command_refused": WARNING,
    "received": NOTICE,
    "acknowledged": NOTICE,
    "closed": NOTICE,
    "restore": NOTICE,
    "started": NOTICE,
    "stopped": NOTICE,
}


def reads(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Say whether what is written to `stream` goes to journald: it tells by device and inode."""
    told = environment.get("JOURNAL_STREAM", "")
    try:
        found = os.fstat(stream.fileno())
    except OSError:  # also where it is no file at all
        return False
    return told == f"{found.st_dev}:{found.st_ino}"


def prefix(event: str) -> str:
    """Return what goes before a line about `event`."""
    return f"<{_PRIORITIES.get(event, INFO)}>"
