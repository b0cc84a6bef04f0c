"""A serial port that other programs open as rfc2217://127.0.0.1:PORT (RFC 2217), DTR and RTS too.

One program at a time. A port that is unplugged ends the connection and refuses new ones until it is plugged
in again, under the same address.
"""

import socket
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Protocol

from serial.rfc2217 import IAC, IAC_DOUBLED, M_NORMAL, PortManager

_ACCEPT_S = 0.2  # how soon a server notices that it is to end


class Peer(Protocol):
    """Who has the other end of the line. All calls come from the thread of the port."""

    def received(self, data: bytes) -> None:
        """Take bytes."""

    def lines(self, *, dtr: bool, rts: bool) -> None:
        """Take the state of both lines, asserted or not."""

    def speed(self, baud: int) -> None:
        """Take the speed that the port is set to."""


class LinePort:
    """A plugged-in port; `url` is what esptool and mpremote are told."""

    def __init__(self, peer: Peer) -> None:
        """Listen on a free port of this machine."""
        self._peer = peer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_ACCEPT_S)
        self._number = self._listener.getsockname()[1]
        self._client: socket.socket | None = None
        self._manager: PortManager | None = None
        self._ending = False
        self._plugged = threading.Event()
        self._plugged.set()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name=self.url, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The name of the port."""
        return f"rfc2217://127.0.0.1:{self._number}"

    def unplug(self) -> None:
        """Pull the cable: whoever has the port open loses it."""
        self._plugged.clear()
        client = self._client
        if client is not None:
            _hang_up(client)

    def plug(self) -> None:
        """Put the cable back."""
        self._plugged.set()

    def write(self, data: bytes) -> None:
        """Send bytes to whoever has the port open; else they are lost."""
        client, manager = self._client, self._manager
        if client is not None and manager is not None:
            self._send(client, b"".join(manager.escape(data)))

    def close(self) -> None:
        """End."""
        self._ending = True
        self.unplug()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._ending:
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            with client:
                if self._plugged.is_set():
                    self._talk(client)
                else:
                    _hang_up(client)

    def _talk(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client
        settings, back = _Settings(self._peer), SimpleNamespace(write=self._sender(client))
        self._manager = PortManager(settings, back)  # type: ignore[arg-type]  # all that it uses
        try:
            while data := client.recv(65_536):
                payload = _payload(self._manager, data)
                if payload:
                    self._peer.received(payload)
        except OSError:
            return  # unplugged, or the program ended
        finally:
            self._client = self._manager = None

    def _sender(self, client: socket.socket) -> Callable[[bytes], None]:
        return lambda data: self._send(client, data)

    def _send(self, client: socket.socket, data: bytes) -> None:
        try:
            with self._writing:
                client.sendall(data)
        except OSError:
            return  # it has hung up: what was for it is lost


class _Settings:
    """What `PortManager` takes for the serial port behind it: each change goes to the peer."""

    bytesize, parity, stopbits = 8, "N", 1
    xonxoff = rtscts = break_condition = False
    cts = dsr = cd = True
    ri = False

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._baud, self._dtr, self._rts = 115_200, False, False

    @property
    def baudrate(self) -> int:
        return self._baud

    @baudrate.setter
    def baudrate(self, baud: int) -> None:
        self._baud = baud
        self._peer.speed(baud)

    @property
    def dtr(self) -> bool:
        return self._dtr

    @dtr.setter
    def dtr(self, asserted: bool) -> None:
        self._dtr = asserted
        self._peer.lines(dtr=self._dtr, rts=self._rts)

    @property
    def rts(self) -> bool:
        return self._rts

    @rts.setter
    def rts(self, asserted: bool) -> None:
        self._rts = asserted
        self._peer.lines(dtr=self._dtr, rts=self._rts)

    def reset_input_buffer(self) -> None:
        """Nothing is kept here."""

    def reset_output_buffer(self) -> None:
        """Nothing is kept here."""


def _payload(manager: PortManager, data: bytes) -> bytes:
    """Return what is for the board; `filter` takes a microsecond a byte, most blocks do not need it."""
    in_data = manager.mode == M_NORMAL and manager.suboption is None
    if in_data and IAC not in data.replace(IAC_DOUBLED, b""):
        return data.replace(IAC_DOUBLED, IAC)
    return b"".join(manager.filter(data))


def _hang_up(client: socket.socket) -> None:
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was faster
