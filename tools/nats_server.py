"""Finds nats-server, of which the fleet's cluster is made, or obtains it.

python -m tools.nats_server
"""

import sys

from tools.borrowed import Program

NATS_SERVER = Program(
    package="nats-server",
    path="usr/sbin/nats-server",
    variable="TOCSIN_NATS_SERVER",
    how="Install the package nats-server (Debian 13; macOS: brew install nats-server)",
    oldest=(2, 10),  # earlier ones cannot be told to sync every message
)
command = NATS_SERVER.command

if __name__ == "__main__":
    sys.exit(NATS_SERVER.show())
