"""Finds promtool, which checks Prometheus rules and metrics, or obtains it.

python -m tools.promtool
"""

import sys
from pathlib import Path

from tools.borrowed import Program, ProgramMissing

VARIABLE = "TOCSIN_PROMTOOL"
PROMTOOL = Program(
    package="promtool",
    path="usr/bin/promtool",
    variable=VARIABLE,
    how="Install Prometheus' own (Debian 13: apt install promtool; earlier, and elsewhere: the package"
    " prometheus)",
)


def command() -> Path:
    """Return promtool, obtaining it if need be; raise `ProgramMissing`."""
    return PROMTOOL.command()


def main() -> int:
    """Print where promtool is, obtaining it where it is missing; return the exit status."""
    try:
        print(command())
    except ProgramMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
