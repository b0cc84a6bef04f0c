"""The gateway's package on a Debian with real BlueZ: how exposed, how quick, how long deaf, how sparing.

```
 wearers ~ virtual air ~ virtual adapter === guest: bluetoothd, D-Bus, tocsin-gateway.service, bleak beside
```
The guest is emulated without KVM, so times are many times those of a Pi: the ratio beside a bare bleak
scanner, in the same run and by the same clock, is what is judged.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tools.bench import pi_alerts, pi_deaf, pi_writes
from tools.bench.figures import Figures, columns, write
from tools.bench.pi_alerts import Alerts
from tools.bench.pi_deaf import Deaf
from tools.bench.pi_wearer import AirWearer
from tools.demonstration.pi import UNIT, Pi
from tools.package.build import build
from tools.virtual.guest.image import ARCHITECTURE, suite

ALERTS = 100
WEARERS = 4  # to enrol one takes the emulated machine seconds
DEAF_FOR_S = 300.0
BARS = {
    "exposure": 1.5,
    "commit_vs_bleak_callback": 2.0,
    "deaf_max_s": 90.0,
    "install_seconds": 60.0,
    "idle_mb_per_day": 50.0,
}


@dataclass(frozen=True)
class Measured:
    """What a run found out."""

    exposure: float
    install_seconds: float
    alerts: Alerts
    deaf: tuple[Deaf, ...]
    idle_mb_per_day: float

    def figures(self) -> Figures:
        """Return what `--json` writes."""
        return {
            "exposure": self.exposure,
            "commit_vs_bleak_callback": round(self.alerts.vs_bleak, 3),
            "alerts_sent": self.alerts.sent,
            "alerts_stored": self.alerts.stored,
            "deaf_max_s": round(max(deaf.seconds for deaf in self.deaf), 1),
            "install_seconds": round(self.install_seconds, 1),
            "idle_mb_per_day": round(self.idle_mb_per_day, 2),
            "alerts_felt": self.alerts.felt,
            "alerts_timed": len(self.alerts.ways),
            "commit_ms": round(self.alerts.stored_ms, 1),
            "bleak_callback_ms": round(self.alerts.bleak_ms, 1),
            "foreign_adverts": self.alerts.foreign,
            "adapter_faults": len(self.deaf),
        }

    @property
    def holds(self) -> bool:
        """Say whether every bar is met, and every alert that was sent is on the disk."""
        figures = self.figures()
        none_lost = self.alerts.stored == self.alerts.sent > 0
        return none_lost and all(figures[name] <= bar for name, bar in BARS.items())


def measure(folder: Path, deaf_for_s: float = DEAF_FOR_S, release: str | None = None) -> Measured:
    """Build the package, install it in a guest of a Debian release, and measure everything."""
    package = build(release or suite(), ARCHITECTURE, folder)
    pi = Pi(folder, release=release)
    try:
        chance = Random(1)
        wearers = [_wearer(pi, number, chance) for number in range(WEARERS)]
        pi.others += wearers
        pi.start()
        pi.install(package)
        exposure = exposed(pi.guest.run("systemd-analyze", "security", "--no-pager", UNIT))
        came = pi_alerts.measure(pi, wearers, ALERTS)
        deaf = tuple(pi_deaf.measure(pi, wearers[0], deaf_for_s))
    finally:
        pi.close()
    idle = pi_writes.measure().idle_mb_per_day
    return Measured(exposure, pi.install_s, came, deaf, idle)


def exposed(said: str) -> float:
    """Return the exposure that systemd-analyze has found; raise `ValueError`."""
    found = re.search(r"exposure level for .*: ([0-9.]+)", said)
    if found is None:
        raise ValueError(f"systemd-analyze says no exposure: {said}")
    return float(found[1])


def _wearer(pi: Pi, number: int, chance: Random) -> AirWearer:
    return pi.world.do(
        lambda: AirWearer(pi.world.world, f"wearer-{number}", chance.randbytes(16), chance)
    )


def report(measured: Measured) -> str:
    """Return everything for people, bars included."""
    figures = measured.figures()
    rows = [("", "")]
    rows += [(name.replace("_", " "), f"{figure:g}") for name, figure in figures.items()]
    text = columns("On the Pi", rows) + "\n"
    by_kind = [("adapter", "times", "longest s", "given up")]
    for kind in pi_deaf.KINDS:
        some = [deaf for deaf in measured.deaf if deaf.kind == kind]
        longest = max((deaf.seconds for deaf in some), default=0.0)
        given_up = sum(not deaf.ended for deaf in some)
        by_kind.append((kind, str(len(some)), f"{longest:.1f}", str(given_up)))
    judged = [("bar", "figure", "at most", "")]
    for name, bar in BARS.items():
        verdict = "met" if figures[name] <= bar else "MISSED"
        judged.append((name, f"{figures[name]:g}", f"{bar:g}", verdict))
    return text + columns("Deaf", by_kind) + "\n" + columns("Bars", judged)


def bench(hours: float | None, json_path: Path | None, release: str | None = None) -> int:
    """Measure, print, and write the figures where asked to; return 1 where a bar is missed."""
    deaf_for_s = DEAF_FOR_S if hours is None else hours * 3600
    with TemporaryDirectory(prefix="tocsin-pi-") as folder:
        measured = measure(Path(folder), deaf_for_s, release)
    print(report(measured))
    if json_path is not None:
        write(json_path, measured.figures())
    return 0 if measured.holds else 1
