"""What is remembered of the frames of one device, in memory and as it is stored.

recent    the last 16 accepted frames, oldest first: counter 4 | length 1 | frame, each
"""

from protocol.constants import RECENT_FRAMES, WINDOW_BITS
from protocol.errors import Malformed
from protocol.replay import NEW, Window

_ALL_SEEN = (1 << WINDOW_BITS) - 1


class DeviceState:
    """The window of counters, the last accepted frames, and the last sign of life."""

    __slots__ = ("battery_mv", "heard_at", "heard_by", "medium", "recent", "window")

    def __init__(self, floor: int = 0) -> None:
        """Begin with nothing accepted; counters below `floor` belong to a time before enrolment."""
        self.window = Window(floor - 1, _ALL_SEEN) if floor else Window()
        self.recent: dict[bytes, int] = {}
        self.heard_at: float | None = None
        self.heard_by: str | None = None
        self.medium: str | None = None
        self.battery_mv: int | None = None

    def copy(self) -> "DeviceState":
        """Return a state that can be changed without changing this one."""
        other = DeviceState()
        other.window = Window.from_bytes(self.window.to_bytes())
        other.recent = dict(self.recent)
        other.heard_at = self.heard_at
        other.heard_by = self.heard_by
        other.medium = self.medium
        other.battery_mv = self.battery_mv
        return other

    def accept(self, counter: int, frame: bytes) -> None:
        """Remember an authentic frame."""
        if self.window.judge(counter) == NEW:
            self.window.accept(counter)
        self.recent[frame] = counter
        while len(self.recent) > RECENT_FRAMES:
            del self.recent[next(iter(self.recent))]

    def recent_to_bytes(self) -> bytes:
        """Return the last accepted frames in their stored form."""
        return b"".join(
            counter.to_bytes(4, "big") + len(frame).to_bytes(1, "big") + frame
            for frame, counter in self.recent.items()
        )

    def load(self, window: bytes, recent: bytes) -> None:
        """Take the stored forms; raise `Malformed`."""
        self.window = Window.from_bytes(window)
        self.recent = _recent_from_bytes(recent)


def _recent_from_bytes(stored: bytes) -> dict[bytes, int]:
    frames: dict[bytes, int] = {}
    at = 0
    while at < len(stored):
        end = at + 5 + stored[at + 4] if at + 5 <= len(stored) else len(stored) + 1
        if end > len(stored):
            raise Malformed("stored frames cut short")
        frames[stored[at + 5 : end]] = int.from_bytes(stored[at : at + 4], "big")
        at = end
    return frames
