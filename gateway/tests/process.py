"""The gateway as a process of its own, on a folder of its own, to be killed and started again."""

import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pyrage
import pytest

import gateway
from gateway.cli import main
from gateway.disk.gateway_key import GatewayKey
from gateway.tests.builders import LABEL, PLACE
from gateway.tests.waiting import eventually

_ROOT = Path(gateway.__file__).parent.parent
SITE = "test-site"


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class GatewayProcess:
    """`folder` holds its configuration, state, log, and the radio head's device node."""

    def __init__(self, folder: Path, broker_port: int, metrics: str = "") -> None:
        self.folder = folder
        self.state_dir = folder / "state"
        self.config = folder / "gateway.toml"
        self.log = folder / "log"
        self.port = folder / "ttyUSB0"
        self._process: subprocess.Popen[bytes] | None = None
        self.state_dir.mkdir(exist_ok=True)
        self.config.write_text(
            f"""
            [gateway]
            site = "{SITE}"
            state_dir = "{self.state_dir}"
            runtime_dir = "{folder}/run"
            [metrics]
            listen = "{metrics}"
            [log]
            format = "json"
            [[radio]]
            type = "radio_head"
            port = "{folder}/ttyUSB*"
            [[upstream]]
            type = "mqtt"
            host = "127.0.0.1"
            port = {broker_port}
            unsigned_commands = true
            """,
            encoding="utf-8",
        )
        self.recipient = GatewayKey.make(self.state_dir).recipient

    def enrolment(self, name: str, key: bytes, **fields: object) -> Path:
        """Write the file a provisioning bench would."""
        table = {
            "id": name,
            "key": key.hex(),
            "role": "button",
            "label": LABEL,
            "place": PLACE,
            "heartbeat_s": 300,
            "counter": 0,
            "date": "2026-01-31",
        } | fields
        path = self.folder / f"{name}.age"
        recipient = pyrage.x25519.Recipient.from_str(self.recipient)
        path.write_bytes(pyrage.encrypt(json.dumps(table).encode(), [recipient]))
        return path

    def call(self, *arguments: str | Path, lang: str = "en") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gateway", *map(str, arguments), "--config", str(self.config)],
            cwd=_ROOT,
            env=os.environ | {"TOCSIN_LANG": lang},
            capture_output=True,
            text=True,
            check=False,
        )

    def ask(self, *arguments: str | Path, lang: str = "en") -> Said:
        """Run a command in this process: one of its own takes a second to start, each time."""
        out, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setenv("TOCSIN_LANG", lang)
            code = main([*map(str, arguments), "--config", str(self.config)])
        return Said(code, out.getvalue(), err.getvalue())

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "run", "--config", str(self.config)],
                cwd=_ROOT,
                stderr=log,
            )

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """The number of the process that runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def lines(self, event: str = "") -> list[dict[str, object]]:
        text = self.log.read_text(encoding="utf-8")
        assert all(line.startswith("{") for line in text.splitlines()), text
        found = [json.loads(line) for line in text.splitlines()]
        return [line for line in found if not event or line["event"] == event]

    async def said(self, event: str) -> dict[str, object]:
        """Return the one line of an event: the log follows what the world saw by milliseconds."""
        await eventually(lambda: self.lines(event))
        (line,) = self.lines(event)
        return line

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(15)
        self._process = None
        return code
