"""What the ways out add to what they stand on: a bare MQTT client, an alarm receiving centre's receiver."""

import asyncio
import statistics
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench import needs
from tools.bench.figures import Figures, columns, write
from tools.bench.upstream_mqtt import Puback
from tools.bench.upstream_mqtt import measure as measure_mqtt

ROUNDS = 400
VS_BARE = 1.5
VERDICT_SHARE = 0.2  # of the receiver's answer time, and
VERDICT_EXTRA_MS = 0.2
SIGN_MS = 0.3


@dataclass(frozen=True)
class Measured:
    """What a run found out."""

    mqtt: Puback
    receiver_ms: float
    verdict_ms: float

    def figures(self) -> Figures:
        """Return what `--json` writes."""
        return {
            "mqtt_vs_bare": round(self.mqtt.vs_bare, 3),
            "dc09_verdict_ms": round(self.verdict_ms, 4),
            "dc09_receiver_ms": round(self.receiver_ms, 4),
            "sign_ms": round(statistics.median(self.mqtt.sign_ms), 4),
            "mqtt_all_vs_bare": round(self.mqtt.all_vs_bare, 3),
            "mqtt_row_ms": round(statistics.median(self.mqtt.row_ms), 4),
            "mqtt_bare_ms": round(statistics.median(self.mqtt.bare_ms), 4),
            **{f"mqtt_{name}_ms": round(took, 4) for name, took in self.stages_ms().items()},
        }

    def stages_ms(self) -> dict[str, float]:
        """Return the median of each stage between the commit and the PUBACK."""
        return {name: statistics.median(took) for name, took in self.mqtt.stages.items()}

    def bars(self) -> dict[str, float]:
        """Return what each figure may be at most."""
        return {
            "mqtt_vs_bare": VS_BARE,
            "dc09_verdict_ms": VERDICT_SHARE * self.receiver_ms + VERDICT_EXTRA_MS,
            "sign_ms": SIGN_MS,
        }

    @property
    def holds(self) -> bool:
        """Say whether every bar is met."""
        figures = self.figures()
        return all(figures[name] <= bar for name, bar in self.bars().items())


async def measure(folder: Path, rounds: int = ROUNDS) -> Measured:
    """Measure everything in `folder`."""
    from tools.bench.upstream_dc09 import measure as measure_dc09  # noqa: PLC0415 - may be missing

    mqtt = await measure_mqtt(folder, rounds)
    dc09 = await measure_dc09(folder, rounds)
    return Measured(mqtt, statistics.median(dc09.receiver_ms), statistics.median(dc09.verdict_ms))


def report(measured: Measured) -> str:
    """Return everything for people, bars included."""
    figures, bars = measured.figures(), measured.bars()
    beside = [
        ("median ms", ""),
        ("committed row -> PUBACK, signed", f"{figures['mqtt_row_ms']:.3f}"),
        *((f"   {name}", f"{took:.3f}") for name, took in measured.stages_ms().items()),
        ("bare QoS 1 publish of as many bytes", f"{figures['mqtt_bare_ms']:.3f}"),
        ("the whole row, in bare publishes", f"{figures['mqtt_all_vs_bare']:.3f}"),
        ("signature of an event", f"{figures['sign_ms']:.3f}"),
        ("DC-09 receiver's answer", f"{figures['dc09_receiver_ms']:.3f}"),
        ("its reply read -> verdict", f"{figures['dc09_verdict_ms']:.3f}"),
    ]
    judged = [("bar", "figure", "at most", "")] + [
        (
            name,
            f"{figures[name]:.3f}",
            f"{bar:.3f}",
            "met" if figures[name] <= bar else "MISSED",
        )
        for name, bar in bars.items()
    ]
    return columns("Ways out", beside) + "\n" + columns("Bars", judged)


def bench(json_path: Path | None) -> int:
    """Measure, print, and write the figures where asked to; return 1 where a bar is missed."""
    needs.ensure(["pysiaalarm"])
    with TemporaryDirectory(prefix="tocsin-upstream-") as folder:
        measured = asyncio.run(measure(Path(folder)))
    print(report(measured))
    if json_path is not None:
        write(json_path, measured.figures())
    return 0 if measured.holds else 1
