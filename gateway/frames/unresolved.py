"""Frames whose hint nobody expects, kept for a while, in bounded memory, for the search.

The least recently heard goes first, of the radio that holds most: whoever floods one radio evicts what
that radio hears and nothing that another hears (a LoRa frame is sent once, a BLE frame many times). One
radio that hears 10,000 unknown frames a second keeps each for 1.6 s after it was last heard. Oldest-out
beats random-out: the same mean stay, and no unlucky frame leaves at once.
"""

from collections import OrderedDict
from collections.abc import KeysView

from gateway.events import Received
from gateway.frames.hint_comb import hint_number

FRAMES_MAX = 16_384
# Who copies the hint of a frame must not make the search try thousands of tags for it.
OF_ONE_HINT = 4

_Queue = OrderedDict[int, tuple[float, list[Received]]]  # hint: when last heard, the frames


class Unresolved:
    """The waiting frames, found by hint. About 0.6 kB each, 10 MB in all."""

    def __init__(self, frames_max: int = FRAMES_MAX) -> None:
        """Begin empty."""
        self._frames_max = frames_max
        self._queues: dict[tuple[str, str], _Queue] = {}
        self._by_hint: dict[int, _Queue] = {}
        self._count = 0
        self.hints: KeysView[int] = self._by_hint.keys()

    def __len__(self) -> int:
        """Count the frames."""
        return self._count

    def put(self, received: Received) -> None:
        """Keep a frame as first heard; whenever its hint is heard again it stays as long as a new one."""
        self.put_hint(hint_number(received.frame), received)

    def put_hint(self, hint: int, received: Received) -> None:
        """Keep a frame whose hint is `hint`."""
        queue = self._by_hint.get(hint)
        if queue is not None:
            self._put_again(queue, hint, received)
            return
        source = (received.radio, received.medium)
        queue = self._queues.get(source)
        if queue is None:
            queue = self._queues[source] = OrderedDict()
        queue[hint] = (received.monotonic, [received])
        self._by_hint[hint] = queue
        self._count += 1
        if self._count > self._frames_max:
            self._drop_oldest(self._longest())

    def of_hint(self, hint: int) -> list[Received]:
        """Return the frames with `hint`, the first heard first."""
        queue = self._by_hint.get(hint)
        return [] if queue is None else list(queue[hint][1])

    def drop(self, hint: int) -> None:
        """Let go of the frames with `hint`."""
        queue = self._by_hint.pop(hint, None)
        if queue is not None:
            self._count -= len(queue.pop(hint)[1])

    def drop_before(self, monotonic: float) -> None:
        """Let go of the frames last heard before `monotonic`."""
        for source, queue in list(self._queues.items()):
            while queue and next(iter(queue.values()))[0] < monotonic:
                self._drop_oldest(queue)
            if not queue:
                del self._queues[source]

    def _put_again(self, queue: _Queue, hint: int, received: Received) -> None:
        frames = queue[hint][1]
        queue[hint] = (received.monotonic, frames)
        queue.move_to_end(hint)
        if len(frames) < OF_ONE_HINT and all(one.frame != received.frame for one in frames):
            frames.append(received)
            self._count += 1
            if self._count > self._frames_max:
                self._drop_oldest(self._longest())

    def _longest(self) -> _Queue:
        queues = self._queues.values()
        return next(iter(queues)) if len(queues) == 1 else max(queues, key=len)

    def _drop_oldest(self, queue: _Queue) -> None:
        hint, (_, frames) = queue.popitem(last=False)
        del self._by_hint[hint]
        self._count -= len(frames)
