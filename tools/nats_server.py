"""Finds nats-server, of which the fleet's cluster is made, or obtains it.

python -m tools.nats_server
"""

import sys
from pathlib import Path

from tools.borrowed import Program, ProgramMissing

NATS_SERVER = Program(
    package="nats-server",
    path="usr/sbin/nats-server",
    variable="TOCSIN_NATS_SERVER",
    how="Install the package nats-server (Debian 13; macOS: brew install nats-server)",
    oldest=(2, 10),  # earlier ones cannot be told to sync every message
)


def command() -> Path:
    """Return nats-server, obtaining it if need be; raise `ProgramMissing`."""
    return NATS_SERVER.command()


def main() -> int:
    """Print where nats-server is, obtaining it where it is missing; return the exit status."""
    try:
        print(command())
    except ProgramMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
