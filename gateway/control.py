"""The socket by which the command line talks to the running gateway: one JSON line each way."""

import asyncio
import json
import re
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from gateway.events import Enrolled, Event, Fault, Order, Restore, Trial, Unenrol
from gateway.upstream import Post
from gateway.upstream.command import BY_MAX, PAYLOAD_MAX, BadCommand, parse
from protocol.names import COMMAND_NAMES

SOCKET_NAME = "control"
_ANSWER_WITHIN_S = 5.0
_TRY_AGAIN_S = 60.0
_TRIAL = re.compile(r"trial\.[0-9a-f]{16}")
_ORDER = re.compile(r"order\.[0-9a-f]{16}")
_ARG_MAX = 255
_ORDER_MAX_S = 86_400


class NotRunning(Exception):
    """No gateway answers at the socket. Who may not ask there gets a `PermissionError` instead."""


class Control:
    """Serves the socket; only the gateway's user and root may connect."""

    def __init__(self, runtime_dir: Path, post: Post) -> None:
        """Put what comes to `post`."""
        self._path = runtime_dir / SOCKET_NAME
        self._post = post

    async def run(self) -> None:
        """Serve until cancelled; where that cannot be, alerts are heard all the same."""
        while True:
            try:
                self._path.unlink(missing_ok=True)
                server = await asyncio.start_unix_server(self._serve, self._path, limit=PAYLOAD_MAX)
                self._path.chmod(0o600)
            except OSError as error:
                self._post(Fault("control", "cannot_listen", time.time(), type(error).__name__))
                await asyncio.sleep(_TRY_AGAIN_S)
                continue
            self._post(Restore("control", "cannot_listen", time.time()))
            try:
                await server.serve_forever()
            finally:
                self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                line = (await reader.readline()).strip()
                writer.write(json.dumps({"result": await self._obey(line)}).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError):
            pass  # the other end has gone, or says nothing, or too much
        finally:
            writer.close()

    async def _obey(self, line: bytes) -> str:
        now = time.time()
        try:
            event = _read(line, now)
        except BadCommand as error:
            return error.reason
        settled = self._post(event)
        done, _ = await asyncio.wait((settled,), timeout=_ANSWER_WITHIN_S - 1)
        return settled.result() if done else "not_committed"


def reload(runtime_dir: Path) -> str:
    """Let the running gateway read the registry; raise `NotRunning`."""
    return _ask(runtime_dir, {"command": "reload"})


def trial(runtime_dir: Path, name: str, by: str, targets: tuple[str, ...] | None = None) -> str:
    """Send the trial alert `name` to `targets`; return "done" or why not; raise `NotRunning`."""
    fields: dict[str, object] = {"command": "trial", "id": name, "by": by}
    return _ask(runtime_dir, fields if targets is None else fields | {"targets": targets})


def unenrol(runtime_dir: Path, device: str) -> str:
    """Let the running gateway forget a device; return "done" or why not; raise `NotRunning`."""
    return _ask(runtime_dir, {"command": "unenrol", "device": device})


def order(runtime_dir: Path, fields: Mapping[str, object]) -> str:
    """Order a device to do something: `fields` are those of `Order` but when it was given.

    Return "done", which is that the device will be told, or why not; raise `NotRunning`.
    """
    return _ask(runtime_dir, {"command": "order", **fields})


def command(
    runtime_dir: Path, verb: str, incident: str, by: str, eta_minutes: int | None = None
) -> str:
    """Acknowledge or close an incident; return "done" or why not; raise `NotRunning`."""
    fields = {"command": verb, "incident": incident, "by": by, "eta_minutes": eta_minutes}
    return _ask(runtime_dir, fields)


def _read(line: bytes, now: float) -> Event:
    """Return what `line` asks for: also what nobody may ask from afar; raise `BadCommand`."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadCommand("not_json") from error
    match fields:
        case {"command": "reload"}:
            return Enrolled(now)
        case {"command": "trial", "id": str(name), "by": str(by)}:
            if not (_TRIAL.fullmatch(name) and by.isprintable() and 1 <= len(by) <= BY_MAX):
                raise BadCommand("trial")
            return Trial(name, by, now, _targets(fields.get("targets")))
        case {"command": "unenrol", "device": str(device)}:
            return Unenrol(device, now)
        case {"command": "order"}:
            return _read_order(fields, now)
    return parse(line, now)


def _read_order(fields: Mapping[str, object], now: float) -> Order:
    """Return the order in `fields`; raise `BadCommand`."""
    match fields:
        case {
            "id": str(name),
            "device": str(device),
            "op": int(op),
            "arg": int(arg),
            "by": str(by),
            "within_s": int(within_s),
        } if (
            _ORDER.fullmatch(name)
            and op in COMMAND_NAMES
            and 0 <= arg <= _ARG_MAX
            and by.isprintable()
            and 1 <= len(by) <= BY_MAX
            and 1 <= within_s <= _ORDER_MAX_S
        ):
            return Order(name, device, op, arg, by, within_s, now)
    raise BadCommand("order")


def _targets(names: object) -> tuple[str, ...] | None:
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadCommand("targets")
    return tuple(names)


def _ask(runtime_dir: Path, fields: Mapping[str, object]) -> str:
    path = runtime_dir / SOCKET_NAME
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(_ANSWER_WITHIN_S + 1)
            client.connect(str(path))
            client.sendall(json.dumps(fields).encode() + b"\n")
            answer = client.makefile("rb").readline()
        return str(json.loads(answer)["result"])
    except PermissionError as error:
        raise PermissionError(error.errno, error.strerror, str(path)) from error
    except (OSError, ValueError) as error:
        raise NotRunning(str(path)) from error
