"""What the radio of a worn device does and until when: a burst on air, and a window behind it."""

from firmware.core.ticks import add, diff
from protocol.portable import const

OFF = const(0)
LISTEN = const(1)  # scan without a break
GLANCE = const(2)  # scan one fifth of the time

FOREVER = const(-1)


class RadioPlan:
    """One burst and its window; a new one replaces it."""

    __slots__ = ("_advertise_until_ms", "_listen_until_ms")

    def __init__(self) -> None:
        """Begin off air."""
        self._advertise_until_ms = 0
        self._listen_until_ms = 0

    def begin(self, advertise_ms: int, listen_ms: int, now_ms: int) -> None:
        """Advertise from now on, listen meanwhile and `listen_ms` longer."""
        self._advertise_until_ms = add(now_ms, advertise_ms)
        self._listen_until_ms = add(now_ms, advertise_ms + listen_ms)

    def begin_deaf(self, advertise_ms: int, now_ms: int) -> None:
        """Advertise from now on, and listen to nobody."""
        self._advertise_until_ms = add(now_ms, advertise_ms)
        self._listen_until_ms = now_ms

    def leave_air(self, now_ms: int) -> None:
        """It was heard: leave the air to others, and listen on."""
        self._advertise_until_ms = now_ms

    def end(self, now_ms: int) -> None:
        """Stop both."""
        self._advertise_until_ms = self._listen_until_ms = now_ms

    def poll(self, now_ms: int) -> None:
        """Keep what is over from looking like the future once ticks have wrapped."""
        if not self.advertising(now_ms):
            self._advertise_until_ms = now_ms
        if not self.listening(now_ms):
            self._listen_until_ms = now_ms

    def advertising(self, now_ms: int) -> bool:
        """Say whether the last frame is still to be on air."""
        return diff(self._advertise_until_ms, now_ms) > 0

    def listening(self, now_ms: int) -> bool:
        """Say whether a window is open."""
        return diff(self._listen_until_ms, now_ms) > 0

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms burst or window ends, or `FOREVER`."""
        if self.advertising(now_ms):
            return diff(self._advertise_until_ms, now_ms)
        return diff(self._listen_until_ms, now_ms) if self.listening(now_ms) else FOREVER
