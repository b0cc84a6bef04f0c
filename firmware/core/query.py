"""The question whether the wearer is covered here: one frame, and an answer in time, felt as yes or no."""

from firmware.core.ticks import add, diff
from protocol.portable import const

FOREVER = const(-1)
BLE_MS = const(1_000)
_IDLE = const(0)
_ASKED = const(1)
_SENT = const(2)


class Query:
    """At most one question at a time."""

    __slots__ = ("_answer_ms", "_state", "_until_ms")

    def __init__(self, answer_ms: int) -> None:
        """An answer takes `answer_ms` at most: on BLE a second, on LoRa what the airtime takes."""
        self._answer_ms = answer_ms
        self._state = _IDLE
        self._until_ms = 0

    def ask(self) -> None:
        """Let the question be sent."""
        self._state = _ASKED

    def drop(self) -> None:
        """Forget it: it was answered, or something weightier came."""
        self._state = _IDLE

    def due(self) -> bool:
        """Say whether a frame is to be sent now."""
        return self._state == _ASKED

    def open(self) -> bool:
        """Say whether an answer is awaited, or the question still to be sent."""
        return self._state != _IDLE

    def sent(self, now_ms: int) -> None:
        """Take note that the frame is on air."""
        self._state = _SENT
        self._until_ms = add(now_ms, self._answer_ms)

    def overdue(self, now_ms: int) -> bool:
        """Say whether nobody has answered in time."""
        return self._state == _SENT and diff(now_ms, self._until_ms) >= 0

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms it is overdue, or `FOREVER`."""
        return max(0, diff(self._until_ms, now_ms)) if self._state == _SENT else FOREVER
