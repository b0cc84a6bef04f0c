"""What the chaos breaks: a disk that is full, a clock that is stepped, a line that is cut, a database."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from protocol import link_messages
from protocol.serial_link import SerialLink, to_wire
from tools.bench.chaos_clock import WallClock
from tools.bench.chaos_disk import Disk
from tools.bench.chaos_faults import Faults
from tools.bench.gateway_head import Head

WRITER = """
import sys
for line in sys.stdin:
    try:
        with open(sys.argv[1], "ab") as file:
            file.write(bytes(200_000))
        print("written", flush=True)
    except OSError:
        print("refused", flush=True)
"""


@contextmanager
def writer(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Yield a process that writes `path` for each line it gets, and says whether it could."""
    argv = [sys.executable, "-c", WRITER, str(path)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        yield process
        process.communicate()


def ask(process: "subprocess.Popen[str]") -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.mark.parametrize("may_mount", [True, False])
def test_a_full_disk_refuses_and_a_free_one_takes(
    may_mount: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not may_mount:
        refused = subprocess.CompletedProcess[bytes]([], 1)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: refused)
    disk = Disk(tmp_path / "state")
    try:
        with writer(tmp_path / "state" / "file") as process:
            assert ask(process) == "written"
            disk.fill(process.pid)
            assert ask(process) == "refused"
            disk.free(process.pid)
            assert ask(process) == "written"
    finally:
        disk.close()


def times(clock: WallClock) -> tuple[float, float]:
    """Return how far wall clock and boot clock of a child are from ours."""
    code = "import time; print(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME))"
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, env=dict(clock.environment()), capture_output=True, check=True)
    wall, boot = map(float, done.stdout.split())
    return wall - time.time(), boot - time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.slow
def test_a_stepped_wall_clock_leaves_the_others_alone(tmp_path: Path) -> None:
    clock = WallClock(tmp_path)
    if not clock.works:
        pytest.skip("no libfaketime here, and none to be had")
    for step_s in (0, 86_400, -7_200):
        clock.step(step_s)
        wall_s, boot_s = times(clock)
        assert abs(wall_s - step_s) < 10
        assert abs(boot_s) < 10


async def test_a_head_greets_hears_and_comes_back_under_another_name(tmp_path: Path) -> None:
    sent: list[bytes] = []
    head = Head(tmp_path / "head0", lambda frame, _at: sent.append(frame))
    for name in ("head0", "head1"):
        if name != "head0":
            head.unplug()
            assert not (tmp_path / "head0").is_symlink()
            head.plug(tmp_path / name)
        with (tmp_path / name).open("r+b", buffering=0) as port:
            port.write(to_wire(link_messages.HelloRequest()))
            port.write(to_wire(link_messages.Transmit(1, 1, 0, 0, 400, bytes(15))))
            async with asyncio.timeout(2):
                await head.greeted.wait()
            await asyncio.sleep(0.01)
            head.greeted.clear()
            head.hear(b"\x07" * 15)
            line = SerialLink()
            heard: list[link_messages.LinkMessage] = []
            while not any(isinstance(message, link_messages.Received) for message in heard):
                line.feed(port.read(256))
                heard += list(iter(line.take, None))
        assert isinstance(heard[0], link_messages.Hello)
    assert sent == [bytes(15)] * 2
    head.unplug()


def test_a_database_that_alone_holds_an_alert_is_not_destroyed(tmp_path: Path) -> None:
    database = tmp_path / "database"
    database.write_bytes(bytes(1_000))
    world: Any = SimpleNamespace(gateway=SimpleNamespace(database=database))
    faults = Faults(world, random.Random(1))
    faults.damage(held=False)
    assert database.stat().st_size == 1_000, "no card was drawn"
    while not faults._damage_due:
        faults.draw(("database",))
    faults.damage(held=True)
    assert database.stat().st_size == 1_000
    faults.damage(held=False)
    assert database.stat().st_size < 1_000
    assert faults.played["database"] == 1
