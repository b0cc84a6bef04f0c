"""The bench's end of the line to `inside/agent.py`: runs commands in the guest."""

import json
import shlex
import socket
from pathlib import Path
from typing import Any

_LIMIT_S = 60.0
_FIRST_ANSWER_S = 120.0  # the guest may have to boot
_SLACK_S = 30.0  # for the answer to come, of a machine that has much else to do


class CommandFailed(Exception):
    """A command of the guest ended with another status than 0."""

    def __init__(self, argv: tuple[str, ...], status: int, output: str) -> None:
        """Take what it was, how it ended, and what it said."""
        self.status = status
        self.output = output
        super().__init__(f"{shlex.join(argv)}: status {status}\n{output}")


class AgentClient:
    """One connection; one command at a time."""

    def __init__(self, path: Path) -> None:
        """Connect, and wait until the guest answers."""
        self._line = socket.socket(socket.AF_UNIX)
        self._line.settimeout(_FIRST_ANSWER_S)
        self._line.connect(str(path))
        self._number = 0
        self.run("true", limit_s=_FIRST_ANSWER_S)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def run(
        self, *argv: str, given: bytes = b"", limit_s: float = _LIMIT_S, check: bool = True
    ) -> str:
        """Run a command with `given` as its input; return what it said.

        Raises `CommandFailed` where it fails and is to be checked; `OSError` where the guest is gone.
        """
        self._number += 1
        request = {"id": self._number, "argv": argv, "input": len(given), "limit_s": limit_s}
        text = json.dumps(request).encode()
        self._line.settimeout(limit_s + _SLACK_S)
        self._line.sendall(len(text).to_bytes(4, "big") + text + given)
        status, output = self._answer()
        if check and status:
            raise CommandFailed(argv, status, output)
        return output

    def _answer(self) -> tuple[int, str]:
        """Return status and output of the command just asked for; what older ones said is skipped."""
        while True:
            head: dict[str, Any] = json.loads(self._read(int.from_bytes(self._read(4), "big")))
            output = self._read(head["output"])
            if head["id"] == self._number:
                return head["status"], output.decode(errors="replace")

    def _read(self, length: int) -> bytes:
        data = bytearray()
        while len(data) < length:
            more = self._line.recv(min(length - len(data), 65_536))
            if not more:
                raise ConnectionResetError("the guest is gone")
            data += more
        return bytes(data)
