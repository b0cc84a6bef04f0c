"""What a device knows of its own starts: why it runs, how long it has, what went wrong, how often in a row.

    record   version 1 | intent 1 | cause 1 | digest 1 | failures 1 | up since 4 | this start 4 | CRC-32 4

Chips merge causes: a panic looks like a reset that was asked for. So every reset of our own leaves its
intent in RTC memory first; a reset without one is the watchdog's, or unknown.
"""

from firmware.core.sealed import seal, unseal
from protocol.causes import (
    DELIBERATE,
    EXCEPTION,
    NO_RESET,
    POWER_UP,
    UNKNOWN_RESET,
    WATCHDOG,
    exception_digest,
)
from protocol.portable import const

RECORD_LEN = const(17)
_VERSION = const(1)
NO_INTENT = const(0)
_BACKED_OFF = const(7)  # beside the causes: asleep after failures, not after work
_TRIES = const(3)  # failures in a row that are answered by a start at once
_WELL_AFTER_S = const(600)  # a start that went so long did not fail at starting
_LONGEST_PAUSE_S = const(3_600)


class Health:
    """One device's life since it got power. `digest` is that of the last exception."""

    __slots__ = ("_intent", "_start_s", "_up_since_s", "cause", "digest", "failures", "rested")

    def __init__(self) -> None:
        """Begin as after power-up; `start` says what really was."""
        self.cause = POWER_UP
        self.digest = 0
        self.failures = 0
        self._intent = NO_INTENT
        self._up_since_s = 0
        self._start_s = 0
        self.rested = False  # this start came out of sleep: it need not pause

    def start(
        self, record: bytes, now_s: int, *, power_up: bool, woken: bool, watchdog: bool
    ) -> None:
        """Judge a start by what the chip says of it and by the record of the start before."""
        data = None if power_up else unseal(record)
        if data is None or len(record) != RECORD_LEN or data[0] != _VERSION:
            self._begin_anew(now_s, POWER_UP if power_up or woken else UNKNOWN_RESET)
        else:
            self._load(data)
            self._judge(woken, WATCHDOG if watchdog else UNKNOWN_RESET, now_s)
        self._intent = NO_INTENT
        self._start_s = now_s
        self.rested = woken

    def told(self) -> None:
        """Take note that a gateway knows the cause: from here on there was no reset."""
        self.cause = NO_RESET

    def uptime_s(self, now_s: int) -> int:
        """Return the seconds since the last start that was not out of sleep."""
        return max(0, now_s - self._up_since_s)

    def pause_s(self, longest_s: int = _LONGEST_PAUSE_S) -> int:
        """Return how long to sleep before the next try: a failing start must not empty a battery."""
        if self.failures <= _TRIES:
            return 0
        return min(1 << 2 * min(self.failures - _TRIES - 1, 8), longest_s, _LONGEST_PAUSE_S)

    def intend_reset(self) -> None:
        """Say that the coming reset is meant."""
        self._intent = DELIBERATE

    def intend_pause(self) -> None:
        """Say that the coming sleep is a pause between failures."""
        self._intent = _BACKED_OFF

    def failed(self, trace: str, now_s: int) -> None:
        """Say that this start ends by an exception, whose printed trace this is."""
        self._count_failure(now_s)
        self._intent = self.cause = EXCEPTION
        self.digest = exception_digest(where(trace).encode())
        self.rested = False

    def record(self) -> bytes:
        """Return what RTC memory is to hold."""
        flags = bytes([_VERSION, self._intent, self.cause, self.digest, self.failures])
        return seal(flags + self._up_since_s.to_bytes(4, "big") + self._start_s.to_bytes(4, "big"))

    def _begin_anew(self, now_s: int, cause: int) -> None:
        self.cause = cause
        self.digest = self.failures = 0
        self._up_since_s = now_s

    def _load(self, data: bytes) -> None:
        self._intent = data[1]
        self.cause = data[2]
        self.digest = data[3]
        self.failures = data[4]
        self._up_since_s = int.from_bytes(data[5:9], "big")
        self._start_s = int.from_bytes(data[9:13], "big")

    def _judge(self, woken: bool, by_the_chip: int, now_s: int) -> None:
        if woken and self._intent != _BACKED_OFF:
            self.failures = 0  # it slept: its work was done
            return
        if self._intent == DELIBERATE:
            self.cause = DELIBERATE
            self.failures = 0
        elif self._intent == NO_INTENT:
            self.cause = by_the_chip
            self._count_failure(now_s)
        self._up_since_s = now_s

    def _count_failure(self, now_s: int) -> None:
        if now_s - self._start_s >= _WELL_AFTER_S:
            self.failures = 0
        self.failures = min(self.failures + 1, 255)


def where(trace: str) -> str:
    """Return `Type:file:line:function` of a printed exception: the innermost place that it names.

    On a board the line is 1: what is compiled for it has none.
    """
    lines = [line.strip() for line in trace.strip().split("\n")]
    place = ""
    for line in lines:
        if line.startswith('File "'):
            place = _place(line)
    return lines[-1].split(":")[0] + ":" + place


def _place(line: str) -> str:
    """Return `file:line:function`; the file as the tree names it, wherever it lies on a board."""
    end = line.find('"', len('File "'))
    path = line[len('File "') : end]
    for package in ("firmware/", "protocol/"):
        if package in path:
            path = path[path.rindex(package) :]
    words = line[end + 1 :].replace(",", " ").split()  # line 31 in name
    return ":".join([path] + words[1:2] + words[3:4])
