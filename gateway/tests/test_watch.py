"""The task that looks at the parts of the gateway: what each look takes from them."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from gateway.events import Fault, Overheard, Restore
from gateway.gateway_clock import GatewayClock
from gateway.tests.waiting import eventually
from gateway.watching import watch
from gateway.watching.steadiness import LinkFaults
from gateway.watching.watch import Parts, Watch, gone
from gateway.watching.wellbeing import Limits, Sample, Wellbeing


class Told:
    def __init__(self) -> None:
        self.waiting = [Overheard("lora", -117, 0, 0, 0)]

    def reports(self) -> list[Overheard]:
        told, self.waiting = self.waiting, []
        return told


class Head:
    def __init__(self) -> None:
        self.up = True
        self.told = Told()


class Upstream:
    name = "broker"
    up = False


async def rows(name: str) -> int | None:
    return 7 if name == "broker" else None


async def looked(monkeypatch: pytest.MonkeyPatch, folder: Path, looks: int) -> list[Sample]:
    """Return what the task has judged in so many looks."""
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.0)
    seen: list[Sample] = []

    class Noting(Wellbeing):
        def judge(self, sample: Sample) -> list[Fault | Restore]:
            seen.append(sample)
            return super().judge(sample)

    clock, links = GatewayClock(trusted=True), LinkFaults(20.0)
    parts = Parts({"head": Head()}, [Upstream()], rows, clock, folder, links)
    posted: list[Fault | Restore] = []
    task: Awaitable[None] = Watch(Noting(Limits()), parts).run(posted.append)
    running = asyncio.ensure_future(task)
    await eventually(lambda: len(seen) >= looks)
    running.cancel()
    return seen


def test_faults_of_parts_that_were_taken_out_of_the_configuration_end(tmp_path: Path) -> None:
    clock, links = GatewayClock(trusted=True), LinkFaults(20.0)
    parts = Parts({"head": Head()}, [Upstream()], rows, clock, tmp_path, links)
    standing = [
        ("radio.head", "silent"),
        ("radio.old", "silent"),
        ("upstream.broker", "away"),
        ("upstream.old", "away"),
        ("disk", "filling"),
    ]
    assert gone(standing, parts, 5.0) == [
        Restore("radio.old", "silent", 5.0),
        Restore("upstream.old", "away", 5.0),
    ]


async def test_each_look_takes_what_all_parts_tell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second = (await looked(monkeypatch, tmp_path, 2))[:2]
    assert [head.reports for head in (*first.heads, *second.heads)] == [
        [Overheard("lora", -117, 0, 0, 0)],
        [],
    ]
    assert [(one.name, one.up, one.waiting) for one in first.upstreams] == [("broker", False, 7)]
    assert first.clock_believed
    assert (first.machine.disk_free_bytes or 0) > 0
    assert second.now >= first.now
