"""Presses whose way through the gateway is timed: by the head, by the gateway's log, and by the answers."""

import asyncio
import statistics
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.tests.player import Wearer
from protocol.kinds import DELIVERED, STORED

STAGES = ("received", "stored", "acked", "delivered", "felt_delivered")
_MS = 1e3


@dataclass
class Press:
    """One press: its incident, when its frame was given to the pty, and each later moment (Unix s)."""

    incident: str
    sent_at: float
    at: dict[str, float] = field(default_factory=dict)

    def ms(self, stage: str) -> float | None:
        """Return how long after the frame a stage was reached."""
        return (self.at[stage] - self.sent_at) * _MS if stage in self.at else None


class Presses:
    """Those who press, and what they were answered."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self.made: dict[str, Press] = {}
        self._waiting: dict[str, tuple[Wearer, Press]] = {}
        self._news = asyncio.Event()

    def make(self, wearer: Wearer, sent_at: float) -> Press:
        """Note that `wearer` has just pressed."""
        press = Press(wearer.incident, sent_at)
        self.made[press.incident] = press
        self._waiting[press.incident] = wearer, press
        return press

    def answered(self, frame: bytes, at: float) -> None:
        """Take what a radio is to transmit: it may be an answer to one of those who wait."""
        for wearer, press in list(self._waiting.values()):
            heard = wearer.read(frame)
            if heard is None or heard[0] < wearer.first:
                continue
            op = heard[1].op
            if op >= STORED:
                press.at.setdefault("acked", at)
            if op >= DELIVERED:
                press.at.setdefault("felt_delivered", at)
                del self._waiting[press.incident]
            self._news.set()
            return

    async def until(self, presses: Iterable[Press], stage: str, within_s: float) -> bool:
        """Wait until all `presses` have reached `stage`; say whether they did in time."""
        wanted = list(presses)
        until = time.monotonic() + within_s
        while not all(stage in press.at for press in wanted):
            self._news.clear()
            try:
                async with asyncio.timeout(max(0.0, until - time.monotonic())):
                    await self._news.wait()
            except TimeoutError:
                return False
        return True

    def read_log(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Take from the gateway's log when it received, stored and delivered each."""
        for line in lines:
            press = self.made.get(line.get("incident", ""))
            if press is not None and line["event"] in ("received", "stored", "delivered"):
                press.at.setdefault(line["event"], line["t"])


@dataclass(frozen=True)
class Latency:
    """Milliseconds from the frame on the pty to each stage, of one load."""

    load: str
    ms: Mapping[str, tuple[float, ...]]

    @classmethod
    def of(cls, load: str, presses: Iterable[Press]) -> "Latency":
        """Sort what `presses` came to."""
        wanted = list(presses)
        found = {stage: [press.ms(stage) for press in wanted] for stage in STAGES}
        return cls(
            load,
            {
                stage: tuple(sorted(ms for ms in times if ms is not None))
                for stage, times in found.items()
            },
        )

    def p50(self, stage: str) -> float:
        """Return the median."""
        return statistics.median(self.ms[stage])

    def p95(self, stage: str) -> float:
        """Return what one in twenty exceeds."""
        times = self.ms[stage]
        return times[min(len(times) - 1, int(0.95 * len(times)))]

    def slowest(self, stage: str) -> float:
        """Return the longest."""
        return self.ms[stage][-1]
