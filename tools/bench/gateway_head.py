"""A radio head played at the end of a pty: says what was heard, hands on what is to be transmitted."""

import asyncio
import os
import time
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path

from protocol import link_messages
from protocol.link_messages import BLE, CAP_BLE, LINK_VERSION, SENT, LinkMessage
from protocol.serial_link import SerialLink, to_wire

_READ_BYTES = 4096
_WAITING_MAX = 65_536  # messages; a head has less, and then drops, too

# Called with the frame to be transmitted and when it came off the line (Unix seconds).
Transmitted = Callable[[bytes, float], None]


class Head:
    """One head. Its device node can vanish and come back under another name."""

    def __init__(self, link: Path, on_transmit: Transmitted) -> None:
        """Plug it in at `link`."""
        self.greeted = asyncio.Event()  # cleared by whoever waits for the next time
        self._on_transmit = on_transmit
        self._waiting: deque[bytes] = deque()
        self._loop = asyncio.get_running_loop()
        self._master: int | None = None
        self.plug(link)

    @property
    def plugged(self) -> bool:
        """Say whether its line is there."""
        return self._master is not None

    def plug(self, link: Path) -> None:
        """Come up anew, its device node at `link`."""
        self._link = link
        self._parser = SerialLink()
        self._boot = int.from_bytes(os.urandom(4), "big")
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)  # and kept open: the line stays up while nobody has it open
        os.set_blocking(self._master, False)
        self._link.symlink_to(os.ttyname(self._slave))
        self._loop.add_reader(self._master, self._readable, self._master)

    def unplug(self) -> None:
        """Pull the plug: the node vanishes, whoever has it open gets an error."""
        if self._master is None:
            return
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        self._link.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = None
        self._waiting.clear()

    def hear(self, frame: bytes) -> float:
        """Say that `frame` was heard by BLE; return when, in Unix seconds."""
        at = time.time()
        self._say(link_messages.Received(BLE, -60, 0, 0, frame))
        return at

    @property
    def backlog(self) -> int:
        """Count the messages the line has not taken yet."""
        return len(self._waiting)

    def _say(self, message: LinkMessage) -> None:
        if self._master is None or len(self._waiting) >= _WAITING_MAX:
            return
        self._waiting.append(to_wire(message))
        if len(self._waiting) == 1:
            self._writable()

    def _writable(self) -> None:
        if self._master is None:
            return
        try:
            while self._waiting:
                written = os.write(self._master, self._waiting[0])
                if written < len(self._waiting[0]):
                    self._waiting[0] = self._waiting[0][written:]
                    break
                self._waiting.popleft()
        except BlockingIOError:
            pass
        if self._waiting:
            self._loop.add_writer(self._master, self._writable)
        else:
            self._loop.remove_writer(self._master)

    def _readable(self, master: int) -> None:
        try:
            data = os.read(master, _READ_BYTES)
        except BlockingIOError:
            return
        at = time.time()
        for start in range(0, len(data), 256):  # it keeps 64 messages at most
            self._parser.feed(data[start : start + 256])
            while (message := self._parser.take()) is not None:
                self._take(message, at)

    def _take(self, message: LinkMessage, at: float) -> None:
        if isinstance(message, link_messages.HelloRequest):
            self.greeted.set()
            self._say(link_messages.Hello(LINK_VERSION, CAP_BLE, 1, self._boot))
        elif isinstance(message, link_messages.Ping):
            self._say(link_messages.Pong(message.token))
        elif isinstance(message, link_messages.Transmit):
            self._on_transmit(message.frame, at)
            self._say(link_messages.Done(message.id, SENT))
