"""Which links have acknowledged already: a line a link, on disk before it counts, until it expires."""

import os
import time
from pathlib import Path

from gateway.upstream.ack_link import Link


class SpentLinks:
    """Kept in `path`; what has expired is left out at the next start."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self._path = path
        self._spent: set[bytes] | None = None

    def spend(self, link: Link) -> bool:
        """Note that a link is used; False where it was before, and where the disk does not take it."""
        try:
            if self._spent is None:
                self._spent = set(_standing(self._path, time.time()))
            if link.nonce in self._spent:
                return False
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"\n{link.nonce.hex()} {link.expires}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            return False
        self._spent.add(link.nonce)
        return True


def _standing(path: Path, now: float) -> list[bytes]:
    """Return the links of whole lines that have not expired; half a line is from a power cut."""
    standing: list[bytes] = []
    if not path.exists():
        return standing
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        nonce, _, expires = line.partition(" ")
        if len(nonce) == 32 and expires.isdigit() and int(expires) > now:
            standing.append(bytes.fromhex(nonce))
    return standing
