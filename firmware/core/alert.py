"""An alert as its wearer's side sees it: what to send, how often, until a person has taken it.

    NONE --STORED--> STORED --DELIVERED--> DELIVERED --ACKNOWLEDGED or CLOSED--> one last frame, then quiet

STORED and DELIVERED only slow the refresh. A cancel is sent the same way until a gateway has stored it,
a test until it was delivered; both are given up after a minute.
"""

from firmware.core.ticks import add, diff
from protocol import kinds
from protocol.constants import REFRESH_SCHEDULE_MS
from protocol.kinds import ACKNOWLEDGED, CANCEL, CLOSED, DELIVERED, NONE, STORED, TEST
from protocol.portable import const

FOREVER = const(-1)
NO_INCIDENT = const(-1)
_STORED_REFRESH_MS = const(2_000)
_DELIVERED_REFRESH_MS = const(5_000)
_GIVES_UP_MS = const(60_000)
_GIVEN_UP = (CANCEL, TEST)
# SPEC 6.1: at most 512 counters in an hour of an alert. The schedule takes 444; hands that press again
# and again bring it to that sooner, and from there on a frame a minute has to do.
_FRAMES_AT_PACE = const(444)
_SPARING_MS = const(60_000)
_OLDEST_MS = const(7_200_000)  # above it the age says nothing more, and ticks could wrap


class Alert:
    """The incident of this device, open or not."""

    __slots__ = (
        "_due_ms",
        "_last_frame",
        "_least_ms",
        "_raised_ms",
        "_since",
        "_slow_ms",
        "duress",
        "felt",
        "first",
        "frames",
        "kind",
        "open",
    )

    def __init__(self, slow_ms: int, least_ms: int = 0) -> None:
        """After an hour without a person an alert is refreshed every `slow_ms`.

        `least_ms` between frames leave an answer by LoRa its time: only the last four are answered.
        """
        self._slow_ms = slow_ms
        self._least_ms = least_ms
        self.open = False
        self.kind = 0
        self.duress = 0
        self.felt = NONE
        self.first = NO_INCIDENT  # counter the incident began with
        self.frames = 0  # sent for this incident
        self._since = 0  # acks for older counters do not count
        self._raised_ms = 0
        self._due_ms = 0
        self._last_frame = False

    def raise_new(self, kind: int, duress: int, first: int, now_ms: int) -> None:
        """Begin an incident whose first counter is `first`."""
        self.first = first
        self.frames = 0
        self._begin(kind, duress, first, now_ms)

    def resume(self, counter: int, now_ms: int) -> None:
        """Go on after a reset with what was set from outside: `first`, `kind`, `felt`, `frames`."""
        felt = self.felt
        self._begin(self.kind, self.duress, counter, now_ms)
        self.felt = felt

    def insist(self, kind: int, counter: int, now_ms: int) -> None:
        """Pressed again while open: the same incident, refreshed fast again from `counter` on.

        It keeps its kind; one that was being withdrawn has that of the press, `kind`.
        """
        due_ms = self._due_ms
        self._begin(kind if self.kind == CANCEL else self.kind, self.duress, counter, now_ms)
        if self.frames >= _FRAMES_AT_PACE:
            self._due_ms = due_ms

    def cancel(self, counter: int, now_ms: int) -> None:
        """Say from `counter` on that the wearer withdraws the alert. It stays the same incident."""
        if self.first == NO_INCIDENT:
            return  # after a loss of power: there is nothing to name
        self._begin(CANCEL, self.duress, counter, now_ms)

    def due(self, now_ms: int) -> bool:
        """Say whether a frame is due; give up a cancel nobody hears, and a test."""
        if self.open and self.kind in _GIVEN_UP and diff(now_ms, self._raised_ms) > _GIVES_UP_MS:
            self.open = False
        return self.open and diff(now_ms, self._due_ms) >= 0

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms a frame is due, or `FOREVER`."""
        return max(0, diff(self._due_ms, now_ms)) if self.open else FOREVER

    def word(self, counter: int, time: int, now_ms: int) -> int:
        """Return the word to send with `counter`, and plan the next."""
        age_ms = diff(now_ms, self._raised_ms)
        if age_ms > _OLDEST_MS:
            age_ms = _OLDEST_MS
            self._raised_ms = add(now_ms, -_OLDEST_MS)
        self.frames += 1
        self._due_ms = add(now_ms, self._interval_ms(age_ms))
        if self._last_frame:
            self.open = False
        block = min((counter >> 4) - (self.first >> 4), kinds.BLOCK_MAX)
        return kinds.incident_word(self.kind, self.duress, self.felt, block, time)

    def overflows(self, counter: int) -> bool:
        """Say whether `counter` is too far from the first to name this incident."""
        return (counter >> 4) - (self.first >> 4) > kinds.BLOCK_MAX

    def heard(self, op: int, counter: int, now_ms: int) -> int:
        """Take an ack for frame `counter`; return the stage newly reached, or `NONE`."""
        if not self.open or counter < self._since or not STORED <= op <= CLOSED:
            return NONE
        stage = min(op, ACKNOWLEDGED)
        if stage <= self.felt:
            return NONE
        self.felt = stage
        if self.kind == CANCEL or (self.kind == TEST and stage >= DELIVERED):
            self.open = False
        elif stage == ACKNOWLEDGED:
            self._last_frame = True  # tells the person who took it that the wearer knows
            self._due_ms = now_ms
        else:
            age_ms = diff(now_ms, self._raised_ms)
            self._due_ms = add(now_ms, self._interval_ms(age_ms))
        return stage

    def _begin(self, kind: int, duress: int, since: int, now_ms: int) -> None:
        self.kind = kind
        self.duress = duress
        self.felt = NONE
        self.open = True
        self._since = since
        self._raised_ms = self._due_ms = now_ms
        self._last_frame = False

    def _interval_ms(self, age_ms: int) -> int:
        interval_ms = max(self._slow_ms, self._least_ms)
        for refresh_ms, until_ms in REFRESH_SCHEDULE_MS:
            if age_ms < until_ms:
                interval_ms = max(refresh_ms, self._least_ms)
                break
        if self.frames >= _FRAMES_AT_PACE:
            interval_ms = max(interval_ms, _SPARING_MS)
        if self.felt == STORED:
            return max(interval_ms, _STORED_REFRESH_MS)
        if self.felt == DELIVERED:
            return max(interval_ms, _DELIVERED_REFRESH_MS)
        return interval_ms
