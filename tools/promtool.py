"""Finds promtool, which checks Prometheus rules and metrics, or obtains it.

python -m tools.promtool
"""

import sys

from tools.borrowed import Program

VARIABLE = "TOCSIN_PROMTOOL"
PROMTOOL = Program(
    package="promtool",
    path="usr/bin/promtool",
    variable=VARIABLE,
    how="Install Prometheus' own (Debian 13: apt install promtool; earlier, and elsewhere: the package"
    " prometheus)",
)
command = PROMTOOL.command

if __name__ == "__main__":
    sys.exit(PROMTOOL.show())
