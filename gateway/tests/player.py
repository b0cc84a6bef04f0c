"""What a test plays to a gateway: a device that presses, and a radio head at the end of a pty."""

import asyncio
import os
import tty
from collections.abc import Callable
from pathlib import Path

from protocol import kinds, link_messages
from protocol.constants import TIME_UNKNOWN
from protocol.errors import ProtocolError
from protocol.identity import incident_id, next_first
from protocol.keys import Keys
from protocol.kinds import incident_word
from protocol.link_messages import LinkMessage
from protocol.messages import Answer, parse_downlink
from protocol.protect import Downlink, Uplink
from protocol.serial_link import SerialLink, to_wire


class Wearer:
    """A device in its wearer's hand: makes the frames its firmware would, and reads answers."""

    def __init__(self, key: bytes, counter: int = 0) -> None:
        self.keys = Keys(key)
        self.counter = counter
        self.first = 0
        self.time = TIME_UNKNOWN
        self._up = Uplink(self.keys)
        self._down = Downlink(self.keys)

    def protect(self, word: int, extra: bytes = b"", counter: int | None = None) -> bytes:
        if counter is None:
            counter, self.counter = self.counter, self.counter + 1
        body = word.to_bytes(3, "big") + extra
        frame = bytearray(len(body) + 12)
        self._up.protect(counter, body, frame)
        return bytes(frame)

    def press(self, kind: int = kinds.PANIC, duress: int = 0) -> bytes:
        self.first = self.counter = next_first(self.counter)
        return self.refresh(kind, duress=duress)

    def refresh(self, kind: int = kinds.PANIC, felt: int = 0, duress: int = 0) -> bytes:
        block = (self.counter >> 4) - (self.first >> 4)
        return self.protect(incident_word(kind, duress, felt, block, self.time))

    def cancel(self, duress: int = 0) -> bytes:
        return self.refresh(kinds.CANCEL, duress=duress)

    def visit(self, minutes: int = 30, duress: int = 0) -> bytes:
        """Begin a visit, or extend the one that runs."""
        self.first = self.counter = next_first(self.counter)
        return self.protect(kinds.visit_start_word(duress, minutes, self.time))

    def end_visit(self, duress: int = 0) -> bytes:
        return self.refresh(kinds.VISIT_END, duress=duress)

    def shows(self, seconds: float) -> None:
        """Let the device's clock be at `seconds`."""
        self.time = kinds.device_time(int(seconds), known=True)

    def heartbeat(self, data: int = 0, listening: int = 1, heard: int = 0) -> bytes:
        return self.protect(kinds.heartbeat_word(listening, heard, data, self.time))

    def query(self) -> bytes:
        return self.protect(kinds.query_word(self.time))

    @property
    def incident(self) -> str:
        return incident_id(self.keys, self.first).hex()

    def read(self, frame: bytes, behind: int = 4) -> tuple[int, Answer] | None:
        """Return counter and content of an answer to one of the last counters, as a device would."""
        content = bytearray(len(frame) - 12)
        hint = bytearray(4)
        for counter in range(max(self.counter - behind, 0), self.counter):
            self._down.hint(counter, hint)
            if hint == frame[:4] and self._down.unprotect_into(counter, frame, content):
                return counter, parse_downlink(bytes(content))
        return None


class PtyHead:
    """A radio head: answers hello and ping, says what was heard, keeps what is to be transmitted."""

    def __init__(self, link: Path, boot: int = 1, version: int = 1) -> None:
        self.link = link
        self.sent: list[link_messages.Transmit] = []
        self.settings: list[tuple[int, int]] = []
        self.news = asyncio.Event()
        self.greeted = asyncio.Event()
        self.answers_pings = True
        self._hello = link_messages.Hello(version, 1, 1, boot)
        self._parser = SerialLink()
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = slave  # kept open: the line stays up while nobody has it open
        os.set_blocking(self._master, False)
        self.place(link)
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def greets_with(self, caps: int) -> None:
        """Say from now on that it has these radios."""
        self._hello = link_messages.Hello(1, caps, 1, 1)

    def place(self, link: Path) -> None:
        """Let the device node be at `link`."""
        if self.link.is_symlink():
            self.link.unlink()
        self.link = link
        link.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        self.link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)

    def write(self, data: bytes) -> None:
        os.write(self._master, data)

    def say(self, message: LinkMessage) -> None:
        self.write(to_wire(message))

    def hear(self, frame: bytes, medium: int = 0) -> None:
        self.say(link_messages.Received(medium, -60, 0, 0, frame))

    async def transmitted(
        self, wanted: Callable[[link_messages.Transmit], bool], within_s: float = 5.0
    ) -> link_messages.Transmit:
        async with asyncio.timeout(within_s):
            while True:
                for message in self.sent:
                    if wanted(message):
                        return message
                self.news.clear()
                await self.news.wait()

    async def answered(self, wearer: Wearer, op: int, within_s: float = 5.0) -> Answer:
        """Wait until what is on air tells `wearer` at least stage `op`."""
        found: list[Answer] = []

        def tells(message: link_messages.Transmit) -> bool:
            try:
                heard = wearer.read(message.frame)
            except ProtocolError:
                return False
            if heard is None or heard[0] < wearer.first or heard[1].op < op:
                return False
            found.append(heard[1])
            return True

        await self.transmitted(tells, within_s)
        return found[0]

    def _readable(self) -> None:
        try:
            data = os.read(self._master, 4096)
        except (BlockingIOError, OSError):
            return
        self._parser.feed(data)
        while (message := self._parser.take()) is not None:
            if isinstance(message, link_messages.HelloRequest):
                self.say(self._hello)
                self.greeted.set()
            elif isinstance(message, link_messages.Ping) and self.answers_pings:
                self.say(link_messages.Pong(message.token))
            elif isinstance(message, link_messages.Setting):
                self.settings.append((message.key, message.value))
            elif isinstance(message, link_messages.Transmit):
                self.sent.append(message)
                self.say(link_messages.Done(message.id, 0))
                self.news.set()
