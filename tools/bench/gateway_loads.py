"""The gateway under its loads: a hundred devices for a month, a thousand at once, a forged flood."""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass

from tools.bench.gateway_presses import Latency
from tools.bench.gateway_probes import BrokerProbe, DiskProbe
from tools.bench.gateway_site import FOREIGN_PER_S, Site

WORN_HEARTBEAT_S = 900.0
FLOOD_PER_S = 10_000.0
AT_ONCE = 50
FEW, MANY = 100, 1_000
_DAY_S = 86_400.0
_SETTLE_S = 1.0
# What is kept for a time, of answers 10 s, is many times more here, where a month takes minutes: the
# memory is compared from then on.
_KEPT_S = 12.0
_FLOOD_WITHIN_S = 60.0


@dataclass(frozen=True)
class Effort:
    """How much is done: presses a load, seconds of idling, days of heartbeats, rounds of commits.

    `device_days` are those in which no device that lives may be called missing.
    """

    presses: int = 300
    idle_s: float = 60.0
    days: float = 30.0
    rounds: int = 30
    device_days: float = 10_000.0


@dataclass(frozen=True)
class Few:
    """What a gateway with a hundred devices came to."""

    latency: Latency
    fdatasync_ms: float
    publish_ms: float
    rss_mb: float
    growth_mb: float
    heartbeats: int


async def few(effort: Effort, site: Site, broker_port: int) -> Few:
    """Time presses at idle, in turn with disk and broker; then let it live for a month."""
    await site.start()
    await site.warm()
    disk = DiskProbe(site.gateway.state_dir)
    try:
        async with BrokerProbe(broker_port) as broker:
            pressed = []
            for number in range(effort.presses):
                wearer = site.wearers[number % len(site.wearers)]
                pressed += await site.press(1, [wearer])
                disk.sample()
                await broker.sample()
        heartbeats = round(FEW * effort.days * _DAY_S / WORN_HEARTBEAT_S)
        first = await site.beat_for(_KEPT_S)
        before_mb = site.gateway.resident_mb()
        await site.beat(heartbeats)
        return Few(
            Latency.of("idle", pressed),
            disk.close(),
            broker.p50(),
            site.gateway.resident_mb(),
            site.gateway.resident_mb() - before_mb,
            first + heartbeats,
        )
    finally:
        site.stop()


@dataclass(frozen=True)
class Many:
    """What a gateway with a thousand devices came to."""

    latencies: tuple[Latency, ...]
    cpu_percent: float
    rss_mb: float


async def many(effort: Effort, site: Site) -> Many:
    """Let a thousand devices live, alone and while some press, and among foreigners."""
    await site.start()
    try:
        async with site.heartbeats():
            await asyncio.sleep(_SETTLE_S)
            begun, cpu_s = time.monotonic(), site.gateway.cpu_s()
            await asyncio.sleep(effort.idle_s)
            cpu_percent = 100 * (site.gateway.cpu_s() - cpu_s) / (time.monotonic() - begun)
            beats = await site.press(effort.presses, site.wearers)
        together = await site.press_together(site.wearers[-AT_ONCE:])
        async with site.foreigners():
            await asyncio.sleep(_SETTLE_S)
            foreign = await site.press(effort.presses, site.wearers[effort.presses :])
        return Many(
            (
                Latency.of("heartbeats of 1,000 devices", beats),
                Latency.of("50 alerts at once", together),
                Latency.of(f"{FOREIGN_PER_S:,.0f} foreign frames/s", foreign),
            ),
            cpu_percent,
            site.gateway.resident_mb(),
        )
    finally:
        site.stop()


@dataclass(frozen=True)
class Flood:
    """Seconds to the answer of each alert that was answered, and the forged frames a second meanwhile."""

    acked_s: tuple[float, ...]
    per_second: float


async def flooded(site: Site) -> Flood:
    """Return what the process that floods itself has found."""
    task = {
        "keys": [key.hex() for key in site.keys],
        "alerts": AT_ONCE,
        "per_second": FLOOD_PER_S,
    }
    argv = [sys.executable, "-m", "tools.bench.gateway_flood", str(site.gateway.config)]
    with site.gateway.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
        async with asyncio.timeout(_FLOOD_WITHIN_S):
            out, _ = await process.communicate(json.dumps(task).encode())
    if process.returncode:
        raise RuntimeError(site.gateway.log.read_text()[-2_000:])
    found = json.loads(out)
    return Flood(tuple(found["acked_s"]), found["per_second"])
