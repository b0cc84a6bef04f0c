"""The gateway as it is after a while: of the clocks it has certified, half are due to be certified again.

python -m tools.bench.gateway_of_a_while run --config FILE

A clock is certified for a quarter of an hour, and until then a heartbeat waits longer for others to be put
on disk with. A bench does not wait so long: here it is so short that half of the heartbeats of its few
minutes come before its end, and half behind it. Alternating, as on a site, they would share more commits.
"""

import sys

from gateway.cli import main
from gateway.frames import patience

CERTIFIED_S = 195.0  # of `pi_writes`: 45 s before its time begins, and half of that

if __name__ == "__main__":
    patience.CERTIFIED_S = CERTIFIED_S
    sys.exit(main())
