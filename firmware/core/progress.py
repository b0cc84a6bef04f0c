"""Whether a program gets on: only then is the watchdog fed.

A loop that turns is not enough: a duty that stays overdue means that nobody does it. Each turn says of
each duty whether it is overdue; one that is for longer than the patience stops the feeding.
"""

from firmware.core.ticks import diff
from protocol.portable import const

LOOP = const(0)  # the first duty of every program: its wait was 0 again, it spins


class Progress:
    """What is overdue, and since when."""

    __slots__ = ("_overdue", "_patience_ms", "_since_ms")

    def __init__(self, duties: int, patience_ms: int) -> None:
        """`duties` are numbered from `LOOP`; each may be overdue for `patience_ms`."""
        self._patience_ms = patience_ms
        self._overdue = [False] * duties
        self._since_ms = [0] * duties

    def report(self, duty: int, overdue: bool, now_ms: int) -> None:
        """Say how it is with `duty` at this turn."""
        if overdue and not self._overdue[duty]:
            self._since_ms[duty] = now_ms
        self._overdue[duty] = overdue

    def made(self, now_ms: int) -> bool:
        """Say whether the watchdog deserves to be fed."""
        for duty in range(len(self._overdue)):
            if self._overdue[duty] and diff(now_ms, self._since_ms[duty]) > self._patience_ms:
                return False
        return True
