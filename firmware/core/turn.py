"""A LoRa frame's way to the channel (SPEC 9). Time is an argument.

put               look
free              transmit
busy              look again 1 to 8 times on air later
busy, 5th time    what is urgent: transmit; anything else: give up
2 s are over      what is urgent: transmit, free or not
"""

from firmware.core.ticks import add, diff
from protocol.constants import FRAME_MAX
from protocol.portable import const

# What to do
NOTHING = const(0)
LOOK = const(1)  # detect activity and tell `looked`
TRANSMIT = const(2)
GIVE_UP = const(3)

_BUSY_LOOKS = const(5)
_URGENT_MS = const(2_000)
_PATIENT_MS = const(7_000)  # its time is true for 8 s, SPEC 5.1


class Turn:
    """The frame to be sent next."""

    __slots__ = (
        "frame",
        "length",
        "urgent",
        "waiting",
        "repeated",
        "_toa_ms",
        "_begun_ms",
        "_last_ms",
        "_due_ms",
        "_busy",
    )

    def __init__(self) -> None:
        """Begin with no frame."""
        self.frame = bytearray(FRAME_MAX)
        self.length = 0
        self.urgent = False  # an alert, a cancel, a visit, or its answer
        self.waiting = False
        self.repeated = False  # the radio has failed to send it once
        self._toa_ms = self._begun_ms = self._last_ms = self._due_ms = self._busy = 0

    def put(
        self,
        frame: "bytearray | bytes | memoryview",
        length: int,
        urgent: bool,
        toa_us: int,
        now_ms: int,
    ) -> None:
        """Take a copy of `frame`, which is `toa_us` on air.

        An alert keeps the turn of the one it replaces: else refreshes would put it off for ever.
        """
        keeps = self.waiting and self.urgent and urgent
        for i in range(length):
            self.frame[i] = frame[i]
        self.length = length
        self.urgent = urgent
        self.repeated = False
        self._toa_ms = (toa_us + 999) // 1000
        if not keeps:
            self._begin(now_ms)

    def repeat(self, now_ms: int) -> None:
        """Begin anew with the same frame."""
        self.repeated = True
        self._begin(now_ms)

    def end(self) -> None:
        """It was sent, or nobody wants it to be sent."""
        self.waiting = False

    def due(self, now_ms: int) -> int:
        """Return `LOOK` or `TRANSMIT` where it is time to, else `NOTHING`."""
        if not self.waiting or diff(now_ms, self._due_ms) < 0:
            return NOTHING
        return TRANSMIT if self._waited_enough(now_ms) else LOOK

    def looked(self, busy: bool, random: int, now_ms: int) -> int:
        """Take what a look found and a `random` below 1,024; return what follows."""
        if not busy:
            return TRANSMIT
        self._busy += 1
        if self._busy >= _BUSY_LOOKS:
            return TRANSMIT if self.urgent else GIVE_UP
        if self._waited_enough(now_ms):
            return TRANSMIT
        self._due_ms = add(now_ms, self._toa_ms + 7 * self._toa_ms * random // 1023)
        if self.urgent and diff(self._due_ms, self._last_ms) > 0:
            self._due_ms = self._last_ms
        return NOTHING

    def heard(self, now_ms: int) -> None:
        """Take note that others have sent a whole frame while this one waited."""
        left_ms = _PATIENT_MS - diff(now_ms, self._begun_ms)
        if self.urgent and left_ms > 0:
            self._busy = 0
            self._last_ms = add(now_ms, min(_URGENT_MS, left_ms))

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms it is due."""
        return max(0, diff(self._due_ms, now_ms))

    def _begin(self, now_ms: int) -> None:
        self.waiting = True
        self._begun_ms = self._due_ms = now_ms
        self._last_ms = add(now_ms, _URGENT_MS)
        self._busy = 0

    def _waited_enough(self, now_ms: int) -> bool:
        return self.urgent and diff(now_ms, self._last_ms) >= 0
