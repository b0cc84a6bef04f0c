"""What is wrong with a device, and what a gateway has been told of it.

Each condition is told when it begins (`FAULT`) and when it ends (`RESTORE`), each until a gateway has
stored it: after 5, 15, 45 and 120 s, then with every heartbeat. One that ended before anybody knew is
told to have begun and then to have ended. What was told is kept over a reset, what stands is seen anew.
"""

from protocol.kinds import FAULT, RESTORE
from protocol.portable import const

NOTHING = const(-1)
CODES = const(16)
_RETRY_S = (5, 15, 45, 120)


class Conditions:
    """All conditions of a device, by code. `told` has a bit for each that gateways believe to stand."""

    __slots__ = ("_due_s", "_owed", "_seen", "_standing", "_tries", "_values", "told")

    def __init__(self, told: int) -> None:
        """Take what had been told before the start."""
        self.told = told
        self._standing = 0
        self._seen = 0  # looked at since the start
        self._owed = 0  # begun, and nobody knows yet
        self._values = bytearray(CODES)
        self._tries = bytearray(CODES)
        self._due_s = [0] * CODES

    def put(self, code: int, stands: bool, value: int, now_s: int, delay_s: int = 0) -> None:
        """Say whether `code` stands now; what is new is told after `delay_s`."""
        bit = 1 << code
        known = bool(self._seen & bit)
        self._seen |= bit
        if not (known or stands):
            self._values[code] = value  # of what ended while nobody looked
        if stands == self.stands(code) and (not stands or value == self._values[code]):
            return
        if stands:
            self._standing |= bit
            self._values[code] = value
            if known or not self.told & bit:  # what stood before the reset has been told
                self._owed |= bit
        else:
            self._standing &= ~bit
        self._tries[code] = 0
        self._due_s[code] = now_s + delay_s

    def any(self) -> bool:
        """Say whether any condition stands."""
        return self._standing != 0

    def stands(self, code: int) -> bool:
        """Say whether `code` stands."""
        return bool(self._standing & 1 << code)

    def due(self, now_s: int) -> int:
        """Return a code about which something is to be told now, or `NOTHING`."""
        for code in range(CODES):
            if self._may_try(code) and now_s >= self._due_s[code]:
                return code
        return NOTHING

    def tell(self, code: int, now_s: int) -> "tuple[int, int]":
        """Return kind and value to send for `code`, and plan the next try."""
        tries = self._tries[code]
        self._tries[code] = tries + 1
        if tries < len(_RETRY_S):
            self._due_s[code] = now_s + _RETRY_S[tries]
        kind = FAULT if self._owed & 1 << code or self.stands(code) else RESTORE
        return kind, self._values[code]

    def stored(self, code: int, kind: int, now_s: int) -> None:
        """Take note that a gateway has stored a `FAULT` or `RESTORE` of `code`."""
        bit = 1 << code
        if kind == FAULT:
            self._owed &= ~bit
            self.told |= bit
        else:
            self.told &= ~bit
        self._tries[code] = 0
        self._due_s[code] = now_s

    def remind(self, now_s: int) -> None:
        """Try once more, whatever was tried: a heartbeat was just sent."""
        for code in range(CODES):
            if self._is_untold(code) and self._tries[code] > len(_RETRY_S):
                self._tries[code] = len(_RETRY_S)
                self._due_s[code] = now_s

    def wait_s(self, now_s: int) -> int:
        """Return in how many seconds something is to be told, or `NOTHING`."""
        soonest = NOTHING
        for code in range(CODES):
            if self._may_try(code):
                wait = max(0, self._due_s[code] - now_s)
                if soonest < 0 or wait < soonest:
                    soonest = wait
        return soonest

    def _may_try(self, code: int) -> bool:
        return self._is_untold(code) and self._tries[code] <= len(_RETRY_S)

    def _is_untold(self, code: int) -> bool:
        return bool((self._owed | self._standing ^ self.told) & 1 << code)
