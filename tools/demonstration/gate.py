"""The way to the broker, that can be cut: a loopback port that forwards to another.

amqtt keeps no sessions over a restart, so an operator must be back at a new broker before a gateway
is let through; with a broker that keeps them there would be no need.
"""

import socket
import threading
from contextlib import suppress


class Gate:
    """Forwards connections on `port` to the target while open."""

    def __init__(self) -> None:
        """Take a free port; begin closed."""
        self._probe = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._probe.getsockname()[1]
        self._probe.close()
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []

    def open(self, target: int) -> None:
        """Let connections through to the port `target`."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        args = (self._listener, target)
        threading.Thread(target=self._accept, args=args, daemon=True).start()

    def close(self) -> None:
        """Refuse new connections and cut those there are."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        while self._open:
            _cut(self._open.pop())

    def _accept(self, listener: socket.socket, target: int) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", target))
            except OSError:
                return
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=pair, daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    _cut(source)
    _cut(sink)


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
