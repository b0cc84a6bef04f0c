"""The gateway and the broker as child processes that can be killed like a power cut and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_READY_LIMIT_S = 20.0


class StartFailed(Exception):
    """A child process did not come up; the message says what it printed."""


class BrokerProcess:
    """An MQTT broker on a loopback port of its own."""

    def __init__(self) -> None:
        """Begin stopped."""
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start a new broker on a free port and wait until it serves."""
        self.port = _free_port()
        argv = [sys.executable, "-m", "tools.demonstration.broker", str(self.port)]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        if self._process.stdout is None or self._process.stdout.readline().strip() != "ready":
            raise StartFailed("the embedded MQTT broker")

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    @property
    def running(self) -> bool:
        """Say whether it serves."""
        return self._process is not None


class GatewayProcess:
    """The real gateway. Its log lines are handed to `on_line` in a thread of their own."""

    def __init__(self, config: Path, on_line: Callable[[dict[str, Any]], None]) -> None:
        """Take its configuration."""
        self._config = config
        self._on_line = on_line
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._started = threading.Event()
        self._complaints: list[str] = []

    def start(self, *, wait: bool = True) -> None:
        """Start it, and `wait` until it says that it runs."""
        self._started.clear()
        self._process = subprocess.Popen(
            self._argv("run"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        if wait and not self._started.wait(_READY_LIMIT_S):
            raise StartFailed("tocsin-gateway: " + "\n".join(self._complaints))

    def kill(self) -> None:
        """Kill -9: what is not on disk is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as systemd would."""
        self._end(signal.SIGTERM)

    @property
    def running(self) -> bool:
        """Say whether it was started and not ended."""
        return self._process is not None

    def resident_mb(self) -> float:
        """Return its resident memory in MB (Linux: VmRSS of /proc)."""
        if self._process is None:
            return 0.0
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return round(int(kilobytes.split()[1]) / 1024, 1)

    def ask(self, *arguments: str) -> str:
        """Run another of the gateway's commands on the same configuration; return what it prints."""
        done = subprocess.run(self._argv(*arguments), capture_output=True, text=True, check=False)
        if done.returncode:
            raise StartFailed(f"tocsin-gateway {arguments[0]}: {done.stderr.strip()}")
        return done.stdout.strip()

    def _argv(self, command: str, *arguments: str) -> list[str]:
        module = [sys.executable, "-m", "gateway"]
        return [*module, command, *arguments, "--config", str(self._config)]

    def _read(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stderr or ():
            try:
                event = json.loads(line)
            except ValueError:
                self._complaints.append(line.rstrip())
                continue
            if event.get("event") == "started":
                self._started.set()
            self._on_line(event)

    def _end(self, number: int) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)
            self._process.wait()
            if self._reader is not None:
                self._reader.join()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
