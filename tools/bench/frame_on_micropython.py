"""Runs on MicroPython: builds frames as a button does; prints bits, bytes of heap, microseconds.

    MICROPYPATH=. micropython -m tools.bench.frame_on_micropython FRAMES

A frame is a word, its body, hint, ciphertext and tag. The heap is locked while its bytes are
counted, so that anything that is allocated is an error, not a number.
"""

import gc
import sys
import time

import micropython

from protocol.keys import Keys
from protocol.kinds import PANIC, incident_word, put_word
from protocol.protect import Uplink

UPLINK = Uplink(Keys(bytes(range(16))))
BODY = bytearray(3)
FRAME = bytearray(15)
FIRST = 1 << 24
ROUNDS = 25


def build(first: int, count: int) -> None:
    """Build `count` frames."""
    for counter in range(first, first + count):
        put_word(incident_word(PANIC, 0, 1, counter & 63, 100), BODY)
        UPLINK.protect(counter, BODY, FRAME)


def heap_bytes(count: int) -> int:
    """Return how many bytes of heap are taken more after `count` frames than before."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    build(FIRST, count)
    after = gc.mem_alloc()
    gc.enable()
    micropython.heap_lock()
    try:
        build(FIRST, count)  # raises MemoryError where anything is allocated
    except MemoryError:
        after = max(after, before + count)
    finally:
        micropython.heap_unlock()
    return after - before


def fastest_us(count: int) -> float:
    """Return the microseconds a frame took in the least disturbed of some rounds."""
    best = 1e9
    for _ in range(ROUNDS):
        begun = time.ticks_us()
        build(FIRST, count)
        best = min(best, time.ticks_diff(time.ticks_us(), begun) / count)
    return best


def main() -> None:
    """Measure `sys.argv[1]` frames."""
    count = int(sys.argv[1])
    bits = 64 if sys.maxsize >> 32 else 32
    print(bits, heap_bytes(count) / count, fastest_us(count))


main()
