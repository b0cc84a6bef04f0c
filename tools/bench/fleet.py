"""A territory's gateways on one mosquitto and on the cluster of three nodes, whose leader is killed.

Every connection speaks MQTT and every event is signed; each alert is followed from the gateway that raises
it to the desk that reads it. The figures are those of the largest fleet on the cluster.
"""

import asyncio
import math
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench.figures import Figures, columns, write
from tools.bench.fleet_brokers import Brokers, Mosquitto
from tools.bench.fleet_cluster import Cluster
from tools.bench.fleet_result import Load, Ran
from tools.bench.fleet_run import run
from tools.bench.fleet_server import NotReady

SIZES = (100, 1_000, 5_000)
_NEVER_S = 999.0  # in JSON, which has no infinity
_BROKERS: tuple[Callable[[Path], Brokers], ...] = (Mosquitto, Cluster)
_HEAD = (
    "gateways on",
    "connect s",
    "MB",
    "MB/1000",
    "idle CPU %",
    "CPU ms/alert",
    "p50 ms",
    "p99 ms",
)
_KILLED_HEAD = (
    "leader killed",
    "alerts",
    "confirmed",
    "read",
    "lost",
    "again",
    "slowest s",
    "p99 < 2 s after s",
    "p99 ms then",
    "sessions failed",
)


def sizes(gateways: int) -> list[int]:
    """Return the sizes to run, up to `gateways`."""
    return [size for size in SIZES if size < gateways] + [gateways]


def measure(gateways: int, command_qos: int) -> list[Ran]:
    """Run every size on every broker; raise `NotReady`."""
    results = []
    for size in sizes(gateways):
        for make in _BROKERS:
            with TemporaryDirectory(prefix="tocsin-fleet-", ignore_cleanup_errors=True) as folder:
                brokers = make(Path(folder))
                print(f"{size:,} gateways on {brokers.name} ...", flush=True)
                results.append(asyncio.run(run(brokers, Load.of(size, command_qos))))
    return results


def figures(results: Sequence[Ran]) -> Figures:
    """Return what `--json` writes: the largest fleet on the cluster, then the smaller ones by size."""
    largest, *smaller = sorted(
        (ran for ran in results if ran.broken_at is not None),
        key=lambda ran: ran.load.gateways,
        reverse=True,
    )
    told = dict(_figures(largest))
    for ran in smaller:
        size = ran.load.gateways
        told |= {f"{name}_{size}": value for name, value in _figures(ran).items()}
    return told


def _figures(ran: Ran) -> Figures:
    return {
        "gateways": ran.load.gateways,
        "alerts": len(ran.account.raised),
        "lost": ran.lost,
        "recovery_s": _finite(ran.recovery_s),
        "p99_ms": round(_finite(ran.p99_ms), 1),
        "mb_per_1000_gateways": round(ran.mb_per_1000_gateways, 1),
        "calm_p99_ms": round(ran.calm_ms(99), 1),
        "slowest_s": round(_finite(ran.slowest_s), 2),
        "repeated": ran.account.repeats,
        "idle_cpu_percent": round(ran.weight.idle_cpu_percent, 2),
    }


def _finite(value: float) -> float:
    return value if math.isfinite(value) else _NEVER_S


def report(results: Sequence[Ran]) -> str:
    """Return everything for people, bars included."""
    calm = columns("Before anything breaks", [_HEAD, *map(_calm, results)])
    killed = [ran for ran in results if ran.broken_at is not None]
    return "\n".join(
        [calm, columns("Every alert", [_KILLED_HEAD, *map(_broken, results)]), _bars(killed)]
    )


def _name(ran: Ran) -> str:
    return f"{ran.load.gateways:,} {ran.broker}"


def _calm(ran: Ran) -> Sequence[str]:
    weight = ran.weight
    return (
        _name(ran),
        f"{ran.connect_s:.1f}",
        f"{weight.connected_mb:.0f}",
        f"{ran.mb_per_1000_gateways:.1f}",
        f"{weight.idle_cpu_percent:.1f}",
        f"{weight.alert_cpu_ms:.2f}",
        f"{ran.calm_ms(50):.1f}",
        f"{ran.calm_ms(99):.1f}",
    )


def _broken(ran: Ran) -> Sequence[str]:
    account = ran.account
    return (
        _name(ran) if ran.broken_at is not None else f"{_name(ran)}, nothing killed",
        f"{len(account.raised):,}",
        f"{len(account.confirmed):,}",
        f"{len(account.delivered):,}",
        f"{ran.lost}",
        f"{account.repeats}",
        f"{ran.slowest_s:.2f}",
        f"{ran.recovery_s:.0f}",
        f"{ran.p99_ms:.1f}",
        f"{ran.failures:,}",
    )


def _bars(results: Sequence[Ran]) -> str:
    rows = [("bar", "figure", "at most", "")]
    for ran in results:
        for name, (figure, bar) in ran.bars().items():
            met = "met" if figure <= bar else "MISSED"
            rows.append((f"{_name(ran)}: {name}", f"{figure:.4g}", f"{bar:g}", met))
    return columns("Bars", rows)


def holds(results: Sequence[Ran]) -> bool:
    """Say whether every run meets its bars."""
    return all(figure <= bar for ran in results for figure, bar in ran.bars().values())


def bench(gateways: int, json_path: Path | None, *, command_qos: int = 0) -> int:
    """Measure, print, and write the figures where asked to; return 1 where a bar is missed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever ends it ends its brokers, too
    results: list[Ran] = []
    try:
        results += measure(gateways, command_qos)
    except* NotReady as unready:
        print(*unready.exceptions, sep="\n")
    if not results:
        return 1
    print(report(results))
    if json_path is not None:
        write(json_path, figures(results))
    return 0 if holds(results) else 1
