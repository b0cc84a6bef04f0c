"""In the guest: runs one command after the other for the bench, by a port of the virtual machine.

    python3 agent.py PORT

A request is `length 4 | JSON | input`, the answer `length 4 | JSON | output`, lengths most significant byte
first. Request: {"id", "argv", "input": its length, "limit_s"}; answer: {"id", "status", "output": its
length}. What a command says to stdout and stderr is its output; one that takes too long has status 124.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any

_NOBODY_S = 0.02
_TOO_LATE = 124  # as `timeout` says it
_NOT_FOUND = 127  # as a shell says it


class HungUp(Exception):
    """The host has let go of the port."""


def main(path: str) -> None:
    """Serve for ever."""
    port = os.open(path, os.O_RDWR)
    while True:
        try:
            _serve(port)
        except HungUp:
            time.sleep(_NOBODY_S)


def _serve(port: int) -> None:
    request = json.loads(_read(port, int.from_bytes(_read(port, 4), "big")))
    status, output = _run(request, _read(port, request["input"]))
    head = {"id": request["id"], "status": status, "output": len(output)}
    text = json.dumps(head).encode()
    _write(port, len(text).to_bytes(4, "big") + text + output)


def _run(request: dict[str, Any], given: bytes) -> tuple[int, bytes]:
    try:
        done = subprocess.run(
            request["argv"],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=request["limit_s"],
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return _TOO_LATE, late.output or b""
    except OSError as error:
        return _NOT_FOUND, str(error).encode()
    return done.returncode, done.stdout


def _read(port: int, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        more = os.read(port, length - len(data))
        if not more:
            raise HungUp
        data += more
    return bytes(data)


def _write(port: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(port, left) :]


if __name__ == "__main__":
    main(sys.argv[1])
