"""When the next frame of an alert may go on LoRa: fifty boxes that are pressed at once share one channel.

In times on air of a frame, from the end of one to the next, drawn at random:

    nobody has answered      16, and 0 to 8 + twice the frames of others heard since, at most 64, more
    stored or delivered      200 to 400, at most 240 s: the box listens, so news comes by itself
    pressed again            16

A box alone tries again soon. In a crowd a frame and its answer take two times on air, and fifty that speak
every 48 offer what the channel carries; once stored they fill a third of it and leave the rest to
others. 16 is more than the 14 of SPEC 9, so 10 % of an hour is always enough.
"""

from firmware.core.ticks import add, diff
from protocol.portable import const

FOREVER = const(-1)
_UNHEARD = const(16)
_ALONE = const(8)
_CROWDED = const(64)
_STORED = const(200)
_STORED_MOST_MS = const(240_000)  # a gateway pushes news for 300 s after a frame
_RANDOM = const(1024)


class Pace:
    """The channel as alerts of this device may use it."""

    __slots__ = ("_last_ms", "_may", "_next_ms", "_on_air_ms", "_others")

    def __init__(self, on_air_ms: int) -> None:
        """Take the time on air of a frame of this device."""
        self._on_air_ms = on_air_ms
        self._last_ms = 0
        self._next_ms = 0
        self._may = True  # nothing to wait for
        self._others = 0

    def at_once(self) -> None:
        """A new incident: its first frame waits for nothing."""
        self._may = True

    def again(self) -> None:
        """Pressed again: soon, and not more often than an alert that nobody has answered."""
        next_ms = add(self._last_ms, _UNHEARD * self._on_air_ms)
        if not self._may and diff(self._next_ms, next_ms) > 0:
            self._next_ms = next_ms

    def overheard(self) -> None:
        """A frame of others was heard."""
        self._others = min(self._others + 1, _CROWDED)

    def sent(self, stored: bool, random_1024: int, now_ms: int) -> None:
        """A frame of an alert was given to the radio; plan the next by a number below 1,024."""
        self._last_ms = now_ms
        self._may = False
        self.answered(stored, random_1024)

    def on_air(self, now_ms: int) -> None:
        """That frame has left the air, perhaps long after it was given: the wait begins here."""
        self._next_ms = add(self._next_ms, diff(now_ms, self._last_ms))
        self._last_ms = now_ms

    def answered(self, stored: bool, random_1024: int) -> None:
        """Plan the next frame anew: whether the alert is `stored` has become known."""
        least, spread = _UNHEARD, min(_ALONE + 2 * self._others, _CROWDED)
        if stored:
            least = spread = _STORED
        wait_ms = self._on_air_ms * least + self._on_air_ms * spread * random_1024 // _RANDOM
        self._next_ms = add(self._last_ms, min(wait_ms, _STORED_MOST_MS))
        self._others = 0

    def ready(self, now_ms: int) -> bool:
        """Say whether a frame may go."""
        if not self._may and diff(now_ms, self._next_ms) >= 0:
            self._may = True
        return self._may

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms a frame may go."""
        return 0 if self.ready(now_ms) else diff(self._next_ms, now_ms)
