"""What is remembered of the frames of one device, in memory and as it is stored.

recent    the last 16 accepted frames, oldest first: counter 4 | length 1 | frame, each
"""

from struct import Struct

from gateway.events import Received
from gateway.frames.device_clock import DeviceClock
from gateway.frames.doubt import NO_DOUBT
from gateway.frames.fingerprints import STORED_LEN, Fingerprints
from gateway.frames.told import Told
from gateway.watching.signs import NO_SIGNS
from protocol.constants import RECENT_FRAMES, WINDOW_BITS
from protocol.errors import Malformed
from protocol.replay import NEW, SEEN, Window

_head = Struct(">IB").pack  # refuses what does not fit
_ALL_SEEN = (1 << WINDOW_BITS) - 1


class DeviceState:
    """The window of counters, the last accepted frames, the clock, and the last sign of life.

    `heard_at` is of the last fresh frame; `contact_at`, `heard_by` and `medium` are of the last
    frame above all others, fresh or not: there an answer may find the device. `doubt`: which
    counters a lost database may have accepted. `news`: what was accepted since this was a copy.
    """

    __slots__ = (
        "clock",
        "contact_at",
        "doubt",
        "fingerprints",
        "heard_at",
        "heard_by",
        "medium",
        "news",
        "recent",
        "signs",
        "told",
        "window",
    )

    def __init__(self, floor: int = 0) -> None:
        """Begin with nothing accepted; counters below `floor` belong to a time before enrolment."""
        self.window = Window(floor - 1, _ALL_SEEN) if floor else Window()
        self.recent: dict[bytes, int] = {}
        self.fingerprints = Fingerprints()
        self.clock = DeviceClock()
        self.doubt = NO_DOUBT
        self.heard_at: float | None = None
        self.contact_at: float | None = None
        self.heard_by: str | None = None
        self.medium: str | None = None
        self.signs = NO_SIGNS
        self.told = Told()
        self.news: list[tuple[int, bytes]] = []

    def copy(self) -> "DeviceState":
        """Return a state that can be changed without changing this one."""
        other = DeviceState.__new__(DeviceState)  # every frame is accepted by a copy
        other.window = self.window.copy()
        other.recent = dict(self.recent)
        other.fingerprints = self.fingerprints.copy()
        other.clock = self.clock
        other.doubt = self.doubt
        other.heard_at = self.heard_at
        other.contact_at = self.contact_at
        other.heard_by = self.heard_by
        other.medium = self.medium
        other.signs = self.signs
        other.told = self.told
        other.news = []
        return other

    def accept(self, counter: int, frame: bytes) -> None:
        """Remember an authentic frame: one judged new, or a reuse."""
        if self.window.judge(counter) == NEW:
            self.window.accept(counter)
            self.fingerprints.accept(counter, frame)
        else:
            self.fingerprints.reuse(counter)
        self.news.append((counter, frame))
        self.recent[frame] = counter
        while len(self.recent) > RECENT_FRAMES:
            del self.recent[next(iter(self.recent))]

    def hear_again(self, received: Received) -> None:
        """Let the link to the device be judged by the radio that heard its last frame best."""
        last = next(reversed(self.recent), None)
        if received.frame == last and received.radio != self.heard_by:
            self.signs = self.signs.heard_again(received.medium, received.rssi)

    def reused(self, counter: int, frame: bytes) -> bool:
        """Say whether `counter` was accepted once, and surely not for this authentic frame.

        `frame` is none of the last: where one of them had this counter, it is another.
        """
        if self.window.judge(counter) != SEEN or not self.fingerprints.knows(counter):
            return False
        return self.fingerprints.differs(counter, frame) or counter in self.recent.values()

    def recent_to_bytes(self) -> bytes:
        """Return the last accepted frames in their stored form."""
        return b"".join(
            [_head(counter, len(frame)) + frame for frame, counter in self.recent.items()]
        )

    def load(self, window: bytes, recent: bytes, fingerprints: bytes = bytes(STORED_LEN)) -> None:
        """Take the stored forms; raise `Malformed`."""
        self.window = Window.from_bytes(window)
        self.recent = _recent_from_bytes(recent)
        self.fingerprints = Fingerprints(fingerprints)


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
