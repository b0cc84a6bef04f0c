"""The gateway's own command line, on this machine or behind ssh: what a person could type there."""

import subprocess
from collections.abc import Sequence

from tools.provision.commission.evidence import Journal, NotAJournal, read

_WITHIN_S = 60.0


class GatewayRefused(Exception):
    """The gateway's command line cannot be used; says why."""


class GatewayLine:
    """Runs `tocsin-gateway`; `words` stand before each command, `options` behind it."""

    def __init__(self, words: Sequence[str], options: Sequence[str] = ()) -> None:
        """Take for instance `ssh`, `gateway`, `tocsin-gateway`; and `--config`, FILE."""
        self._words = tuple(words)
        self._options = tuple(options)

    def journal(self, after: int = 0) -> Journal:
        """Return what happened behind entry `after`; raise `GatewayRefused`."""
        try:
            return read(self._run("journal", "export").splitlines(), after)
        except NotAJournal as error:
            raise GatewayRefused("journal export") from error

    def _run(self, *command: str) -> str:
        line = [*self._words, *command, *self._options]
        try:
            ended = subprocess.run(
                line, capture_output=True, text=True, timeout=_WITHIN_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GatewayRefused(f"{' '.join(line)}: {type(error).__name__}") from error
        if ended.returncode:
            raise GatewayRefused(f"{' '.join(line)}: {ended.stderr.strip() or ended.returncode}")
        return ended.stdout
