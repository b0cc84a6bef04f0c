"""The line to one MicroPython process: its life, and JSON calls over a socket it inherits."""

import json
import os
import socket
import subprocess
from pathlib import Path

_ANSWER_LIMIT_S = 60.0  # of a machine that has much else to do


class DeviceDied(Exception):
    """The process ended or stopped answering; its log says why."""


class Line:
    """A running MicroPython and the socket to it."""

    def __init__(self, argv: list[str], env: dict[str, str], log: Path) -> None:
        """Start `argv` with the socket's descriptor as last argument; its prints go to `log`."""
        self._log = log
        self._buffer = b""
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(_ANSWER_LIMIT_S)
        with theirs, log.open("ab") as out:
            self._process = subprocess.Popen(
                [*argv, str(theirs.fileno())],
                env=dict(os.environ) | env,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def fileno(self) -> int:
        """Return the descriptor to watch for calls."""
        return self._socket.fileno()

    def send(self, answer: object) -> None:
        """Send an answer."""
        data = json.dumps(answer, separators=(",", ":")).encode()
        try:
            self._socket.sendall(len(data).to_bytes(4, "big") + data)
        except OSError as error:
            raise DeviceDied(f"see {self._log}") from error

    def read(self) -> list[list[object]]:
        """Return the next call, waiting for it; before it stand those that want no answer."""
        while True:
            if len(self._buffer) >= 4:
                end = 4 + int.from_bytes(self._buffer[:4], "big")
                if len(self._buffer) >= end:
                    calls: list[list[object]] = json.loads(self._buffer[4:end])
                    self._buffer = self._buffer[end:]
                    return calls
            try:
                data = self._socket.recv(65_536)
            except OSError as error:
                raise DeviceDied(f"no call within {_ANSWER_LIMIT_S} s; see {self._log}") from error
            if not data:
                raise DeviceDied(f"the process ended; see {self._log}")
            self._buffer += data

    def close(self) -> None:
        """Kill the process: power is cut, nothing is said."""
        self._process.kill()
        self._socket.close()
        self._process.wait()
