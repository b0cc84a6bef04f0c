"""A broker's process: started on free ports, killed, weighed (Linux: /proc)."""

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_LAST_WORDS = 5
_READY_WITHIN_S = 30.0
_LOOK_S = 0.1


class NotReady(Exception):
    """A broker is missing, or does not do what it was started for."""


class Server:
    """`argv` in a process of its own; what it says is in `log`."""

    def __init__(self, name: str, argv: Sequence[str | Path], log: Path) -> None:
        """Start nothing yet."""
        self.name = name
        self._argv = argv
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._spent_s = 0.0  # by its processes that have ended

    def start(self) -> None:
        """Start it; it may have as many connections as this process."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._argv, stdout=log, stderr=log)

    @property
    def running(self) -> bool:
        """Say whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Kill -9, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def cpu_s(self) -> float:
        """Return how long its processes have computed, in seconds."""
        return self._spent_s + (self._running_cpu_s() if self.running else 0.0)

    def resident_mb(self) -> float:
        """Return its resident memory in MB of 10^6 bytes; 0 where it does not run."""
        if self._process is None:
            return 0.0
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024 / 1e6

    def wait(self, ready: Callable[[], bool]) -> None:
        """Return once it is `ready`; raise `NotReady` with what it said last."""
        give_up = time.monotonic() + _READY_WITHIN_S
        while not ready():
            if not self.running or time.monotonic() > give_up:
                raise NotReady(f"{self.name} is not ready:\n{self.last_words()}")
            time.sleep(_LOOK_S)

    def last_words(self) -> str:
        """Return the end of what it said."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-_LAST_WORDS:])

    def _running_cpu_s(self) -> float:
        assert self._process is not None  # noqa: S101 - asked of what runs
        stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS_PER_S

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if self.running:
            self._spent_s += self._running_cpu_s()
            self._process.send_signal(number)
        self._process.wait(20)
        self._process = None


def free_ports(count: int) -> list[int]:
    """Return ports of this machine nobody listens on just now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def allow_connections(count: int) -> None:
    """Raise the number of open files to what so many connections need; raise `ValueError`."""
    needed = count + 256
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ValueError(f"{count} connections need {needed} open files; ulimit -Hn says {hard}")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
