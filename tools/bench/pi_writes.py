"""How much an idle gateway writes, which wears an SD card: 100 devices, each beats every five minutes.

What the kernel counts as written by the process (write_bytes of /proc/PID/io: pages on their way to the
disk, and not what stays in memory as /run does), over a time in which each device beats once. The log of
the database is written back less often than that: what it takes is measured at the end, and added as often
as it happens in a day. What goes to the journal of systemd is counted as the bytes of the lines themselves.
"""

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from gateway.disk.store import TIDY_EVERY
from gateway.tests.brokers import Mosquitto, free_port
from tools.bench.gateway_site import HEARTBEAT_S, Site

DEVICES = 100
_SETTLE_S = 35.0  # a group of heartbeats, and what a start writes
_DAY_S = 86_400.0
_MEMORY = Path("/dev/shm")  # noqa: S108 - what /run is on a Pi
_COMMITS = re.compile(r"^tocsin_commit_seconds_count (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Writes:
    """What was written in `seconds`, bytes; `tidying`: by writing the log back once."""

    seconds: float
    disk: int
    log: int
    commits: int
    tidying: int

    @property
    def idle_mb_per_day(self) -> float:
        """Return how much goes to the disk in a day, MB of 10^6 bytes, without the log's lines."""
        tidied = self.tidying * self.commits / TIDY_EVERY
        return (self.disk + tidied) * _DAY_S / self.seconds / 1e6

    @property
    def log_mb_per_day(self) -> float:
        """Return how much is said to the journal in a day, MB of 10^6 bytes."""
        return self.log * _DAY_S / self.seconds / 1e6


def measure(seconds: float = HEARTBEAT_S) -> Writes:
    """Let a gateway idle for so long; what it keeps is on the disk of the current folder's cache."""
    with (
        TemporaryDirectory(prefix="tocsin-writes-", dir=_on_disk()) as folder,
        TemporaryDirectory(prefix="tocsin-run-", dir=_MEMORY) as memory,
    ):
        return asyncio.run(_idle(Path(folder), Path(memory), seconds))


async def _idle(folder: Path, memory: Path, seconds: float) -> Writes:
    broker = Mosquitto(memory)
    broker.start()
    site = Site(folder, broker, DEVICES)
    port = free_port()
    _let_run_be_memory(site.gateway.config, folder, memory, port)
    try:
        await site.start()
        async with site.heartbeats():
            await asyncio.sleep(_SETTLE_S)
            before = (
                _written(site.gateway.pid),
                site.gateway.log.stat().st_size,
                await _commits(port),
            )
            await asyncio.sleep(seconds)
            after = (
                _written(site.gateway.pid),
                site.gateway.log.stat().st_size,
                await _commits(port),
            )
        site.gateway.kill()  # it would write the log back itself
        tidying = await asyncio.to_thread(_tidied, site.gateway.database)
    finally:
        site.stop()
        broker.stop()
    disk, log, commits = (late - early for early, late in zip(before, after, strict=True))
    return Writes(seconds, disk, log, commits, tidying)


def _let_run_be_memory(config: Path, folder: Path, memory: Path, port: int) -> None:
    text = config.read_text(encoding="utf-8")
    text = text.replace(f'"{folder}/run"', f'"{memory}/run"')
    text = text.replace('listen = ""', f'listen = "127.0.0.1:{port}"')
    config.write_text(text, encoding="utf-8")


def _written(pid: int) -> int:
    """Return how many bytes a process has sent to disks."""
    lines = Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


async def _commits(port: int) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    found = _COMMITS.search(text)
    if found is None:
        raise ValueError("no tocsin_commit_seconds_count")
    return int(float(found[1]))


def _tidied(database: Path) -> int:
    """Write the log of a copy of `database` back; return how many bytes of pages that took."""
    copy = database.with_name("copy.sqlite")
    for suffix in ("", "-wal"):
        shutil.copy(f"{database}{suffix}", f"{copy}{suffix}")
    with closing(sqlite3.connect(copy)) as connection:
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        begin = _pages(copy, page_bytes)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        end = _pages(copy, page_bytes)
    changed = sum(before != after for before, after in zip(begin, end, strict=False))
    return int(page_bytes * (changed + max(0, len(end) - len(begin))))


def _pages(file: Path, page_bytes: int) -> list[bytes]:
    content = file.read_bytes()
    return [content[at : at + page_bytes] for at in range(0, len(content), page_bytes)]


def _on_disk() -> Path:
    """Return a folder that is no memory: that of the caches."""
    folder = Path.home() / ".cache" / "tocsin"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def main() -> None:
    """Measure and print, figure by figure."""
    writes = measure()
    print(f"idle_mb_per_day {writes.idle_mb_per_day:.1f}")
    print(f"log_mb_per_day {writes.log_mb_per_day:.2f}")
    print(
        f"commits {writes.commits} in {writes.seconds:.0f} s; {writes.disk} bytes; {writes.tidying} to tidy"
    )


if __name__ == "__main__":
    main()
