"""What a wearer is told while an alert waits: that nobody has heard it, or heard it and told nobody.

Looked at whenever the alert is refreshed, so it speaks no more often than that.

    no gateway answers for 10 s                   NOT_RECEIVED, and again every 10 s
    STORED felt and no DELIVERED for 30 s         STORED_ONLY, and again every 60 s
    DELIVERED after that                          RECEIVED
"""

from firmware.core import indication
from firmware.core.ticks import add, diff
from protocol.kinds import ACKNOWLEDGED, NONE, STORED
from protocol.portable import const

_NOT_RECEIVED_MS = const(10_000)
_STORED_ONLY_MS = const(30_000)
_STORED_ONLY_AGAIN_MS = const(60_000)


class Waiting:
    """Since when what is awaited."""

    __slots__ = ("_due_ms", "_said_stored_only")

    def __init__(self) -> None:
        """Begin with nothing awaited."""
        self._due_ms = 0
        self._said_stored_only = False

    def begin(self, felt: int, now_ms: int) -> None:
        """An alert begins, or begins anew, with what was `felt` of it."""
        self._said_stored_only = False
        wait_ms = _NOT_RECEIVED_MS if felt == NONE else _STORED_ONLY_MS
        self._due_ms = add(now_ms, wait_ms)

    def reached(self, stage: int, felt_before: int, now_ms: int) -> int:
        """Take a new stage; return what is felt of it."""
        if stage == ACKNOWLEDGED:
            return indication.HELP
        again = self._said_stored_only
        self.begin(stage, now_ms)
        return indication.RECEIVED if felt_before == NONE or again else indication.NOTHING

    def poll(self, felt: int, now_ms: int) -> int:
        """Return what is to be felt because of the time, or `NOTHING`."""
        if felt > STORED or diff(now_ms, self._due_ms) < 0:
            return indication.NOTHING
        if felt == NONE:
            self._again(_NOT_RECEIVED_MS, now_ms)
            return indication.NOT_RECEIVED
        self._again(_STORED_ONLY_AGAIN_MS, now_ms)
        self._said_stored_only = True
        return indication.STORED_ONLY

    def _again(self, interval_ms: int, now_ms: int) -> None:
        """Be due at a multiple of the interval, whatever came between."""
        self._due_ms = add(self._due_ms, interval_ms)
        if diff(now_ms, self._due_ms) >= 0:
            self._due_ms = add(now_ms, interval_ms)
