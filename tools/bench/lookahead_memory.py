"""How much memory a look-ahead takes that expects many devices, each of them heard once.

    python -m tools.bench.lookahead_memory DEVICES

In a process of its own, so that nothing else has touched its memory. Keys are counted, too.
"""

import gc
import resource
import subprocess
import sys
from pathlib import Path

from gateway.frames.lookahead import LookAhead
from protocol.bulk import hint_blocks
from protocol.constants import FRAME_MIN, UP
from protocol.errors import BadTag
from protocol.keys import Keys

_ROOT = Path(__file__).resolve().parents[2]


def in_a_process(devices: int) -> float:
    """Return the megabytes of `devices`, measured in a new process."""
    argv = [sys.executable, "-m", "tools.bench.lookahead_memory", str(devices)]
    return float(subprocess.run(argv, cwd=_ROOT, capture_output=True, check=True).stdout)


def megabytes(devices: int) -> float:
    """Return by how many megabytes resident memory grows."""
    _expect(10)  # imports, templates and caches are not the look-ahead's
    gc.collect()
    before = _resident()
    lookahead = _expect(devices)
    grown = _resident() - before
    if not len(lookahead):
        raise RuntimeError("nothing was expected")
    return grown / 1e6


def _expect(devices: int) -> LookAhead:
    lookahead = LookAhead()
    for number in range(devices):
        keys = Keys(number.to_bytes(16, "big"))
        lookahead.add(f"button-{number}", keys, 1_000 + number % 32)
        hint = hint_blocks(keys.up_hint, UP, 1_001, 1)[:4]
        for chunk in lookahead.find(hint):
            try:
                chunk.unprotect(1_001, hint + bytes(FRAME_MIN - len(hint)))
            except BadTag:
                continue  # its pads were made all the same
    return lookahead


def _resident() -> int:
    """Return the bytes of this process that are in memory (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    print(megabytes(int(sys.argv[1])))
