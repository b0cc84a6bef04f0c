"""The radio head's end of the serial line: messages in and out, none of them cut short by another."""

from firmware.core.line_queue import ANSWER, LineQueue
from protocol.link_messages import LinkMessage
from protocol.portable import const
from protocol.serial_link import SerialLink, to_wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Port(Protocol):
        """A line of bytes that does not wait for its other end."""

        @property
        def stream(self) -> object:
            """What `select.poll` can watch for input."""

        def read(self) -> bytes:
            """Return what has come in, perhaps nothing."""

        def write(self, data: bytes) -> bool:
            """Send `data`; say whether all of it was taken."""


_AGAIN_MS = const(20)
FOREVER = const(-1)


class Line:
    """Messages over a port. What it does not take waits, bounded and counted."""

    def __init__(self, port: "Port") -> None:
        """Take an open port."""
        self._port = port
        self._link = SerialLink()
        self._queue = LineQueue()
        self._cut_short = False
        self._stands = False

    @property
    def lost(self) -> int:
        """Return how many messages were dropped since the start."""
        return self._queue.lost

    def say(
        self, message: LinkMessage, now_ms: int, rank: int = ANSWER, frame: bytes = b""
    ) -> None:
        """Send a message as soon as the port takes it."""
        self._queue.put(to_wire(message), rank, now_ms, frame)
        self.flush(now_ms)

    def flush(self, now_ms: int) -> None:
        """Write what waits."""
        wire = self._queue.first(now_ms)
        self._stands = wire is not None
        while wire is not None:
            # A message cut short would take the next with it, unless that begins with an end.
            self._cut_short = not self._port.write(b"\x00" + wire if self._cut_short else wire)
            if self._cut_short:
                return
            self._queue.drop_first()
            self._stands = False
            wire = self._queue.first(now_ms)

    def stands(self) -> bool:
        """Say whether the port took nothing of what waits when it was last offered."""
        return self._stands

    def read(self) -> None:
        """Take in what has come."""
        self._link.feed(self._port.read())

    def take(self) -> "LinkMessage | None":
        """Return the oldest message that has come, or None."""
        return self._link.take()

    def wait_ms(self) -> int:
        """Return in how many ms to `flush` again."""
        return _AGAIN_MS if len(self._queue) else FOREVER
