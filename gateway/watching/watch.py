"""Looks at the parts of the running gateway every few seconds, and posts what begins and ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway import pulse
from gateway.events import Fault, Overheard, Restore
from gateway.gateway_clock import GatewayClock, running_s
from gateway.watching import machine
from gateway.watching.steadiness import LinkFaults
from gateway.watching.wellbeing import HeadSample, Sample, UpstreamSample, Wellbeing

LOOK_EVERY_S = 5.0


class Reports(Protocol):
    """What a radio tells of what it hears."""

    def reports(self) -> list[Overheard]:
        """Return the reports since the last question."""


class Head(Protocol):
    """A radio: a head, or an adapter of this machine."""

    @property
    def up(self) -> bool:
        """Say whether its line stands."""

    @property
    def told(self) -> Reports:
        """Return what it tells of itself."""


class Upstream(Protocol):
    """A way out."""

    name: str

    @property
    def up(self) -> bool:
        """Say whether it can be reached."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is looked at. `waiting` returns how many rows wait for an upstream, None where unknown."""

    heads: Mapping[str, Head]
    upstreams: Sequence[Upstream]
    waiting: Callable[[str], Awaitable[int | None]]
    clock: GatewayClock
    state_dir: Path
    links: LinkFaults


def gone(faults: Iterable[tuple[str, str]], parts: Parts, at: float) -> list[Restore]:
    """Return the end of the faults of radios and upstreams that are not configured any more."""
    known = {f"radio.{name}" for name in parts.heads}
    known |= {f"upstream.{one.name}" for one in parts.upstreams}
    return [
        Restore(source, code, at)
        for source, code in faults
        if source.startswith(("radio.", "upstream.")) and source not in known
    ]


class Watch:
    """The task that looks."""

    def __init__(self, wellbeing: Wellbeing, parts: Parts) -> None:
        """Take who judges, and the parts."""
        self._wellbeing = wellbeing
        self._parts = parts

    async def run(
        self, post: Callable[[Fault | Restore], object], standing: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Look for ever; `standing` are the faults from before the start."""
        for ended in gone(standing, self._parts, time.time()):
            post(ended)
        while True:
            pulse.beat()
            for event in self._wellbeing.judge(await self._sample()):
                post(event)
            for restore in self._parts.links.due(running_s()):
                post(restore)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _sample(self) -> Sample:
        parts = self._parts
        upstreams = [
            UpstreamSample(one.name, one.up, await parts.waiting(one.name))
            for one in parts.upstreams
        ]
        heads = parts.heads.items()
        return Sample(
            now=running_s(),
            at=time.time(),
            heads=[HeadSample(name, head.up, head.told.reports()) for name, head in heads],
            upstreams=upstreams,
            machine=machine.sample(parts.state_dir),
            clock_believed=parts.clock.believed(),
        )
