"""espefuse, run as a program of its own: its licence is GPL-2, and it stays on its side of a pipe."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_WITHIN_S = 120.0
_MAC = re.compile(r"([0-9a-f]{2}(:[0-9a-f]{2}){5})", re.IGNORECASE)


class BurnFailed(Exception):
    """espefuse has not done it; says what it said last."""


@dataclass(frozen=True, slots=True)
class Chip:
    """The board at a port; or, to practise, `practice`: a file that stands for its fuses."""

    kind: str
    port: str = ""
    practice: Path | None = None

    def summary(self) -> dict[str, object]:
        """Return the value of each fuse; raise `BurnFailed`."""
        said = self._run("summary", "--format", "json")
        try:
            table = json.loads(said[said.index("\n{") :])
            return {name: each["value"] for name, each in table.items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BurnFailed("summary") from error

    def burn(self, fuses: Sequence[str]) -> None:
        """Burn them, for good; raise `BurnFailed`."""
        pairs = [word for fuse in fuses for word in (fuse, "1")]
        self._run("--do-not-confirm", "burn-efuse", *pairs)  # the person has typed it already

    def _run(self, *command: str) -> str:
        words = [sys.executable, "-m", "espefuse", "--chip", self.kind, *self._where(), *command]
        try:
            ended = subprocess.run(
                words,
                capture_output=True,
                text=True,
                timeout=_WITHIN_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BurnFailed(type(error).__name__) from error
        if ended.returncode:
            raise BurnFailed(_last_line(ended.stderr or ended.stdout))
        return ended.stdout

    def _where(self) -> list[str]:
        if self.practice is not None:
            return ["--virt", "--path-efuse-file", str(self.practice)]
        return ["--port", self.port]


def mac_of(summary: Mapping[str, object]) -> str:
    """Return the MAC that is burned into the chip; raise `BurnFailed`."""
    found = _MAC.search(str(summary.get("MAC", "")))
    if found is None:
        raise BurnFailed("MAC")
    return found[1].lower()


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "espefuse"
