"""What the gateway costs: latency of each stage under load, processor, memory; beside disk and broker.

The gateway is the real one, in a process of its own, behind a pty; the broker is a real mosquitto. Devices
and radio head are played at frame level. Only the forged flood is fed inside (see `gateway_flood`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.tests.brokers import Mosquitto
from tools.bench.deafness import deaf_s
from tools.bench.figures import Figures, columns, write
from tools.bench.gateway_loads import AT_ONCE, FEW, MANY, Effort, few, flooded, many
from tools.bench.gateway_presses import STAGES, Latency
from tools.bench.gateway_probes import group_vs_single
from tools.bench.gateway_site import Site
from tools.bench.supervision_days import false_missing

COMMIT_EXTRA_MS = 0.3
BARS = {
    "commit_vs_fdatasync": 3.0,
    "puback_vs_floor": 2.0,
    "group32_vs_single": 0.2,
    "alerts_50_slowest_s": 1.0,
    "idle_cpu_percent": 2.0,
    "rss_mb_100": 80.0,
    "rss_mb_1000": 120.0,
    "rss_growth_mb": 3.0,
    "deaf_s": 90.0,
    "false_missing": 0.0,
}
_TITLES = ("received", "committed", "STORED on the pty", "PUBACK", "DELIVERED on the pty")
QUICK = Effort(presses=30, idle_s=6.0, days=0.1, rounds=10, device_days=50.0)


@dataclass(frozen=True)
class Measured:
    """Everything one run found out; times in ms unless named otherwise."""

    latencies: tuple[Latency, ...]
    fdatasync_ms: float
    publish_ms: float
    group32: float
    flood_s: tuple[float, ...]
    flood_per_s: float
    idle_cpu_percent: float
    rss_mb: tuple[float, float]
    growth_mb: float
    heartbeats: int
    deaf_s: float
    false_missing: int

    def figures(self) -> Figures:
        """Return what `--json` writes."""
        idle = self.latencies[0]
        commit_ms, puback_ms = idle.p50("stored"), idle.p50("delivered")
        floor_ms = commit_ms + self.publish_ms
        return {
            "commit_vs_fdatasync": round((commit_ms - COMMIT_EXTRA_MS) / self.fdatasync_ms, 2),
            "puback_vs_floor": round(puback_ms / floor_ms, 2),
            "group32_vs_single": round(self.group32, 3),
            "alerts_50_slowest_s": round(self._slowest_s(), 3),
            "idle_cpu_percent": round(self.idle_cpu_percent, 2),
            "rss_mb_100": round(self.rss_mb[0], 1),
            "rss_mb_1000": round(self.rss_mb[1], 1),
            "deaf_s": round(self.deaf_s, 1),
            "false_missing": self.false_missing,
            "rss_growth_mb": round(self.growth_mb, 1),
            "month_heartbeats": self.heartbeats,
            "frame_to_commit_ms": round(commit_ms, 3),
            "frame_to_puback_ms": round(puback_ms, 3),
            "fdatasync_ms": round(self.fdatasync_ms, 3),
            "publish_ms": round(self.publish_ms, 3),
            "flood_per_s": round(self.flood_per_s),
        }

    def _slowest_s(self) -> float:
        """Return the slowest answer in the flood; one that never came counts as a minute."""
        return max(self.flood_s) if len(self.flood_s) == AT_ONCE else 60.0


async def measure(effort: Effort, folder: Path) -> Measured:
    """Measure everything in `folder`."""
    for name in ("broker", "few", "many", "flooded", "group", "deaf"):
        (folder / name).mkdir()
    broker = Mosquitto(folder / "broker")
    broker.start()
    try:
        hundred = await few(effort, Site(folder / "few", broker, FEW), broker.port)
        thousand = await many(effort, Site(folder / "many", broker, MANY))
        flood = await flooded(Site(folder / "flooded", broker, MANY))
    finally:
        broker.stop()
    return Measured(
        latencies=(hundred.latency, *thousand.latencies),
        fdatasync_ms=hundred.fdatasync_ms,
        publish_ms=hundred.publish_ms,
        group32=await group_vs_single(folder / "group", effort.rounds),
        flood_s=flood.acked_s,
        flood_per_s=flood.per_second,
        idle_cpu_percent=thousand.cpu_percent,
        rss_mb=(hundred.rss_mb, thousand.rss_mb),
        growth_mb=hundred.growth_mb,
        heartbeats=hundred.heartbeats,
        deaf_s=await asyncio.to_thread(deaf_s, folder / "deaf"),
        false_missing=await asyncio.to_thread(false_missing, effort.device_days),
    )


def report(measured: Measured) -> str:
    """Return everything for people, bars included."""
    return "\n".join([_stages(measured), _beside(measured), _bars(measured.figures())])


def _stages(measured: Measured) -> str:
    rows: list[Sequence[str]] = [("ms from the frame on the pty, p50 / p95", *_TITLES)]
    for latency in measured.latencies:
        times = [f"{latency.p50(stage):.2f} / {latency.p95(stage):.2f}" for stage in STAGES]
        rows.append((latency.load, *times))
    return columns("The way of an alert", rows)


def _beside(measured: Measured) -> str:
    flood = sorted(measured.flood_s)
    middle = f"{1000 * flood[len(flood) // 2]:.1f}" if flood else "-"
    rows = [
        ("beside it, in the same run", ""),
        ("fdatasync of 4 KB in place, ms", f"{measured.fdatasync_ms:.3f}"),
        ("bare QoS 1 publish, ms", f"{measured.publish_ms:.3f}"),
        (f"{AT_ONCE} alerts at once in the flood: answered", str(len(flood))),
        ("   ms to the answer, p50", middle),
        ("   forged frames/s meanwhile", f"{measured.flood_per_s:,.0f}"),
        ("heartbeats of 100 devices played in a row", f"{measured.heartbeats:,}"),
    ]
    return columns("Floor, flood and month", rows)


def _bars(figures: Figures) -> str:
    rows = [("bar", "figure", "at most", "")]
    for name, bar in BARS.items():
        met = "met" if figures[name] <= bar else "MISSED"
        rows.append((name, f"{figures[name]:g}", f"{bar:g}", met))
    return columns("Bars", rows)


def bench(json_path: Path | None, *, quick: bool) -> int:
    """Measure, print, and write the figures where asked to; return 1 where a bar is missed."""
    with TemporaryDirectory(prefix="tocsin-gateway-", ignore_cleanup_errors=True) as folder:
        measured = asyncio.run(measure(QUICK if quick else Effort(), Path(folder)))
    print(report(measured))
    figures = measured.figures()
    if json_path is not None:
        write(json_path, figures)
    return 0 if all(figures[name] <= bar for name, bar in BARS.items()) else 1
