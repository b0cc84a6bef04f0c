"""The radio head on the installer's table: the other end of a board's first words on air.

    board  --- advertises a random frame --->  head  --- received, with its RSSI --->  here
    here   --- transmit --->  head  --- advertises another one --->  board's scan

One head serves all boards of a batch: frames are random, their bytes tell whose they are. No key is in
them, and a gateway that hears one finds no device to it.
"""

import threading
import time
from types import TracebackType
from typing import Self

import serial

from protocol import link_messages as link
from protocol.serial_link import SerialLink, to_wire
from tools.provision.stopped import Lost, Stopped

_BAUD = 921_600  # SPEC 10; means nothing on native USB
_HELLO_S = 3.0
_ASK_EVERY_S = 0.5  # one that has just been plugged in, or reset by that, hears a later one
_READ_S = 0.1
_PIECE = 256  # bytes: the link keeps 64 messages at most


class Head:
    """A head at `port`, greeted. Its methods may be called from several threads."""

    def __init__(self, port: str) -> None:
        """Open the port and greet; raise `Stopped` where no head with BLE answers."""
        self.port = port
        self._serial = self._opened()
        self._link = SerialLink()
        self._hello: link.Hello | None = None
        self._awaited: dict[bytes, list[int]] = {}
        self._numbers = 0
        self._ends = self._is_lost = False
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, name=f"head {port}", daemon=True)
        self._reader.start()
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the head."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the port go."""
        self.close()

    def expect(self, frame: bytes) -> None:
        """Note from now on how often, and how loud, `frame` is heard."""
        with self._news:
            self._awaited[frame] = []

    def send(self, frame: bytes, ms: int) -> None:
        """Have `frame` on air for `ms`, in turn with those of other boards; raise `Lost`."""
        with self._news:
            self._numbers += 1
            number = self._numbers & 0xFFFF
        self._write(link.Transmit(number, number, link.BLE, 0, ms, frame))

    def heard(self, frame: bytes, within_s: float) -> list[int]:
        """Return the dBm of each report of an expected frame, waiting for the first; raise `Lost`."""
        with self._news:
            self._news.wait_for(lambda: self._awaited[frame] or self._is_lost, within_s)
            found = self._awaited.pop(frame)
            if self._is_lost:
                raise Lost("head_lost", port=self.port)
            return found

    def close(self) -> None:
        """Let the port go."""
        self._ends = True
        self._reader.join()
        self._serial.close()

    def _opened(self) -> serial.Serial:
        try:
            # DTR and RTS rise together, as the kernel raises them: apart they would reset the head.
            return serial.serial_for_url(self.port, _BAUD, timeout=_READ_S, exclusive=True)
        except (OSError, ValueError) as error:
            raise Stopped("head_closed", port=self.port) from error

    def _greet(self) -> None:
        """Ask for a hello until there is one; raise `Stopped`."""
        until_s = time.monotonic() + _HELLO_S
        while self._hello is None and time.monotonic() < until_s and not self._is_lost:
            self._write(link.HelloRequest())
            with self._news:
                self._news.wait_for(lambda: self._hello is not None, _ASK_EVERY_S)
        hello = self._hello
        if hello is None or hello.version != link.LINK_VERSION:
            raise Stopped("head_silent", port=self.port)
        if not hello.caps & link.CAP_BLE:
            raise Stopped("head_without_ble", port=self.port)

    def _write(self, message: link.LinkMessage) -> None:
        """Write a message behind an end, for what another program may have left half written."""
        try:
            self._serial.write(b"\x00" + to_wire(message))
        except OSError as error:
            raise Lost("head_lost", port=self.port) from error

    def _read(self) -> None:
        while not self._ends:
            try:
                data = self._serial.read(max(1, self._serial.in_waiting))
            except OSError:
                with self._news:
                    self._is_lost = True
                    self._news.notify_all()
                return
            for at in range(0, len(data), _PIECE):
                self._link.feed(data[at : at + _PIECE])
                self._take()

    def _take(self) -> None:
        while (message := self._link.take()) is not None:
            with self._news:
                if isinstance(message, link.Hello):
                    self._hello = message
                elif isinstance(message, link.Received) and message.medium == link.BLE:
                    self._awaited.get(message.frame, []).append(message.rssi)
                self._news.notify_all()
