"""The real gateway as a process on a folder of its own: started, killed, weighed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage

import gateway
from gateway.disk.enrolment import parse
from gateway.disk.enrolment_files import keep
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.registry import enrol
from gateway.disk.store import DATABASE_NAME, connect

SITE = "bench"
_ROOT = Path(gateway.__file__).resolve().parent.parent
_NS = 1e9
_LAST_WORDS = 20
HEAD = "head"
_CONFIG = """
[gateway]
site = "{site}"
state_dir = "{folder}/state"
runtime_dir = "{folder}/run"

[metrics]
listen = ""

[log]
format = "json"

[[upstream]]
type = "mqtt"
host = "127.0.0.1"
port = {broker_port}
unsigned_commands = true
"""
_RADIO = """
[[radio]]
type = "radio_head"
name = "{name}"
port = "{folder}/tty/{name}*"
"""


class GatewayProcess:
    """`folder` gets its configuration, state and log; `tty` is where device nodes appear."""

    def __init__(
        self,
        folder: Path,
        broker_port: int,
        *,
        radios: Iterable[str] = (HEAD,),
        module: str = "gateway",
    ) -> None:
        """Lay everything out and make its key; start nothing. `module` is the program that runs."""
        self.state_dir = folder / "state"
        self.tty = folder / "tty"
        self.log = folder / "log"
        self.config = folder / "gateway.toml"
        for each in (self.state_dir, self.tty, folder / "run"):
            each.mkdir(parents=True, exist_ok=True)
        text = _CONFIG.format(site=SITE, folder=folder, broker_port=broker_port)
        text += "".join(_RADIO.format(name=name, folder=folder) for name in radios)
        self.config.write_text(text, encoding="utf-8")
        self._module = module
        self._key = GatewayKey.make(self.state_dir)
        self._process: subprocess.Popen[bytes] | None = None
        self._drain: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> Path:
        """Its database."""
        return self.state_dir / DATABASE_NAME

    @property
    def pid(self) -> int:
        """The number of the running process."""
        if self._process is None:
            raise ValueError("the gateway does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Say whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def enrol_many(self, keys: Mapping[str, bytes], role: str = "button") -> None:
        """Write what `enrol` would, of each: its command for each of a thousand would take minutes."""
        recipient = pyrage.x25519.Recipient.from_str(self._key.recipient)
        with closing(connect(self.database)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            for name, key in keys.items():
                plain = _enrolment(name, key, role)
                keep(self.state_dir, name, pyrage.encrypt(plain, [recipient]))
                enrol(connection, parse(plain), self._key.seal, self._key.unseal)

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it; what it logs is added to `log`, by another process: its own files may be limited."""
        if self._drain is None:
            with self.log.open("ab") as log:
                self._drain = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log)
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, "run", "--config", str(self.config)],
            cwd=_ROOT,
            env=os.environ | dict(environment or {}),
            stderr=self._drain.stdin,
        )

    def kill(self) -> int:
        """Kill -9; return its number."""
        return self._end(signal.SIGKILL)[0]

    def stop(self) -> int:
        """End it as systemd would; return its exit status."""
        return self._end(signal.SIGTERM)[1]

    def close(self) -> None:
        """End it and its log."""
        self.kill()
        if self._drain is not None and self._drain.stdin is not None:
            self._drain.stdin.close()
            self._drain.wait()
            self._drain = None

    def lines(self, since: int = 0) -> Iterable[dict[str, Any]]:
        """Yield what it logged, from byte `since` on; a line cut short by a kill is left out."""
        with self.log.open("rb") as log:
            log.seek(since)
            for line in log:
                if line.startswith(b"{") and line.endswith(b"}\n"):
                    yield json.loads(line)

    def last_words(self) -> list[str]:
        """Return the last lines it wrote that are no log: why it ended by itself, or could not start."""
        with self.log.open(encoding="utf-8", errors="replace") as log:
            return [line.rstrip() for line in log if not line.startswith("{")][-_LAST_WORDS:]

    def cpu_s(self) -> float:
        """Return how long its threads have computed, in seconds (Linux: schedstat)."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / _NS

    def resident_mb(self) -> float:
        """Return its resident memory in MB of 10^6 bytes (Linux: VmRSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024 / 1e6

    def _end(self, number: signal.Signals) -> tuple[int, int]:
        if self._process is None:
            return 0, 0
        process, self._process = self._process, None
        process.send_signal(number)
        return process.pid, process.wait(20)


def _enrolment(name: str, key: bytes, role: str) -> bytes:
    table = {
        "id": name,
        "key": key.hex(),
        "role": role,
        "label": name,
        "place": "bench",
        "heartbeat_s": 300,
        "counter": 0,
        "date": datetime.now(UTC).date().isoformat(),
    }
    return json.dumps(table).encode()
