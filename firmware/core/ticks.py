"""Milliseconds that wrap: MicroPython's ticks, for code that takes time as an argument.

On a 32-bit board ticks stay below 2^30 (12.4 days) so that they never allocate. Compare them only by
`diff`; two moments must lie less than 6.2 days apart.
"""

from protocol.portable import const

_PERIOD = const(1 << 30)
_HALF = const(1 << 29)


def add(ticks: int, ms: int) -> int:
    """Return the moment `ms` after `ticks`."""
    return ticks + ms & _PERIOD - 1


def diff(later: int, earlier: int) -> int:
    """Return the milliseconds from `earlier` to `later`, negative where the order is the other."""
    return (later - earlier + _HALF & _PERIOD - 1) - _HALF


def sooner(wait_ms: int, other_ms: int) -> int:
    """Return the shorter of two waits; -1 is for ever."""
    if wait_ms < 0:
        return other_ms
    return wait_ms if other_ms < 0 else min(wait_ms, other_ms)
