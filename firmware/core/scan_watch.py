"""Is the BLE scan alive? What to do about silence, the mildest first. Pure: time is an argument.

    the air is      scan begun anew    stack restarted    chip reset
    lively          30 s               60 s               180 s
    not lively      every 60 s         every 900 s        never

A scan dies in silence: its end is not reported, or the port has dropped the handler. An air where at least
20 foreign adverts a minute were heard, five minutes in a row, is not silent for 30 s by chance. Frames
of ours do not make an air lively: an alert comes and goes.
"""

from firmware.core.ticks import add, diff
from protocol.portable import const

NOTHING = const(0)
RESCAN = const(1)
RESTART = const(2)
RESET = const(3)

_MINUTE_MS = const(60_000)
_LIVELY_A_MINUTE = const(20)
_LIVELY_MINUTES = const(5)
_LIVELY_STEPS = ((180_000, RESET), (60_000, RESTART), (30_000, RESCAN))
_QUIET_RESCAN_MS = const(60_000)
_COUNT_MASK = const(0x1FFF_FFFF)  # the radio's counts begin anew after it
_QUIET_RESTARTS = const(15)  # every so many rescans of a quiet air


class ScanWatch:
    """Watches the counts of the radio. `rescans` and `restarts` count what was done."""

    __slots__ = (
        "_foreign",
        "_foreign_before",
        "_heard",
        "_lively_minutes",
        "_minute_ends_ms",
        "_quiet_rescans",
        "_silent_since_ms",
        "_step",
        "rescans",
        "restarts",
    )

    def __init__(self, now_ms: int) -> None:
        """Begin with a scan that was begun just now."""
        self.rescans = 0
        self.restarts = 0
        self._heard = 0
        self._foreign = 0
        self._foreign_before = 0
        self._lively_minutes = 0
        self._minute_ends_ms = add(now_ms, _MINUTE_MS)
        self._silent_since_ms = now_ms
        self._step = NOTHING
        self._quiet_rescans = 0

    def poll(self, heard: int, foreign: int, now_ms: int) -> int:
        """Take the radio's counts; return what to do now."""
        self._foreign = foreign
        if diff(now_ms, self._minute_ends_ms) >= 0:
            self._end_minute(now_ms)
        if heard != self._heard:
            self._heard = heard
            self._silent_since_ms = now_ms
            self._step = NOTHING
            self._quiet_rescans = 0
        return self._mend(now_ms)

    def _end_minute(self, now_ms: int) -> None:
        """Count the minutes in a row that were lively; silence does not undo it."""
        self._minute_ends_ms = add(now_ms, _MINUTE_MS)
        foreign = self._foreign - self._foreign_before & _COUNT_MASK
        self._foreign_before = self._foreign
        if self._lively_minutes < _LIVELY_MINUTES:
            lively = foreign >= _LIVELY_A_MINUTE
            self._lively_minutes = self._lively_minutes + 1 if lively else 0

    def _mend(self, now_ms: int) -> int:
        silent_ms = diff(now_ms, self._silent_since_ms)
        if self._lively_minutes >= _LIVELY_MINUTES:
            for after_ms, step in _LIVELY_STEPS:
                if silent_ms >= after_ms and self._step < step:
                    self._step = step
                    return self._counted(step)
            return NOTHING
        if silent_ms < _QUIET_RESCAN_MS:
            return NOTHING
        self._silent_since_ms = now_ms
        self._quiet_rescans += 1
        return self._counted(RESTART if self._quiet_rescans % _QUIET_RESTARTS == 0 else RESCAN)

    def _counted(self, step: int) -> int:
        if step == RESCAN:
            self.rescans += 1
        elif step == RESTART:
            self.restarts += 1
        return step
