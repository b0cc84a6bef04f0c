"""What Prometheus is told: the gateway's own report, and how long each stage takes. Ids only, no names.

tocsin_stage_seconds{stage}   stored, answered, delivered, acknowledged, felt: each after the one before
tocsin_commit_seconds         one transaction, until it is on disk
the rest                      what `status` shows, as gauges and counters
"""

import time
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.metrics import disable_created_metrics
from prometheus_client.registry import Collector

from gateway.ledger import Committed
from gateway.telemetry.latency import Latency

# To a hundredth of a second for the machine, to an hour for people.
_STAGE_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
_COMMIT_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)
_NO_COUNT = (
    "up", "build", "has_lora", "uptime_s", "lora_hz", "lora_sf", "lora_dbm", "exception",
    "adverts", "advert_ms",
)  # fmt: skip
_COMMAND = "command_"

# A second series for every one, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics(Collector):
    """Keeps the histograms; the rest is read from the report when somebody asks."""

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self._registry = CollectorRegistry()
        self._stage = Histogram(
            "tocsin_stage_seconds",
            "How long after the stage before it an alert reached this one.",
            ("stage",),
            buckets=_STAGE_S,
            registry=self._registry,
        )
        self._commit = Histogram(
            "tocsin_commit_seconds",
            "How long a transaction took until it was on disk.",
            buckets=_COMMIT_S,
            registry=self._registry,
        )
        self._latency = Latency()
        self._on_disk_s: float | None = None  # of a transaction whose answers follow at once
        self._report: Mapping[str, object] = {}
        self._registry.register(self)

    def committed(self, committed: Committed, took_s: float) -> None:
        """Count a transaction, and each stage that an alert reached by it."""
        now_s = time.monotonic()
        self._commit.observe(took_s)
        for took in self._latency.take(committed.batch, committed.at, now_s):
            self._stage.labels(took.stage).observe(took.seconds)
        self._on_disk_s = now_s if committed.batch.wants else None

    def answered(self) -> None:
        """Count the first answer that is handed to a radio behind a transaction."""
        if self._on_disk_s is not None:
            self._stage.labels("answered").observe(time.monotonic() - self._on_disk_s)
            self._on_disk_s = None

    def text(self, report: Mapping[str, object]) -> bytes:
        """Return everything in Prometheus' text form; `report` is what `status` shows."""
        self._report = report
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield what the report tells."""
        report = self._report
        if report:
            yield from _of_frames(report)
            yield from _of_radios(_tables(report.get("radios")))
            yield from _of_upstreams(report)
            yield from _of_devices(report)
            yield from _of_gateway(report)


def _of_frames(report: Mapping[str, object]) -> Iterator[Metric]:
    rejected = _numbers(report.get("rejected"))
    refused = {
        name.removeprefix(_COMMAND): count
        for name, count in rejected.items()
        if name.startswith(_COMMAND)
    }
    results = _numbers(report.get("heard"))
    results |= {name: n for name, n in rejected.items() if not name.startswith(_COMMAND)}
    yield _counter("tocsin_frames", "Frames heard, by what became of them.", "result", results)
    yield _counter("tocsin_commands_refused", "Commands refused.", "reason", refused)
    dropped = _number(report.get("dropped"))
    yield CounterMetricFamily(
        "tocsin_frames_dropped", "Authentic frames dropped: too many waited.", value=dropped
    )
    unresolved = _number(report.get("unresolved"))
    yield GaugeMetricFamily(
        "tocsin_frames_unresolved", "Frames whose device is searched for.", value=unresolved
    )
    waiting = _numbers(report.get("inbox"))
    yield _gauge("tocsin_inbox_waiting", "What waits for the path.", "kind", waiting)


def _of_radios(radios: Mapping[str, Mapping[str, object]]) -> Iterator[Metric]:
    up = {name: _number(radio.get("up")) for name, radio in radios.items()}
    yield _gauge("tocsin_radio_up", "Whether a radio is connected.", "radio", up)
    events = CounterMetricFamily(
        "tocsin_radio_events",
        "What happened to a radio, and what it did.",
        labels=("radio", "event"),
    )
    foreign = CounterMetricFamily(
        "tocsin_radio_foreign", "Frames of others heard.", labels=("radio", "medium")
    )
    dropped = CounterMetricFamily(
        "tocsin_radio_dropped", "Frames a radio dropped.", labels=("radio", "medium")
    )
    noise = GaugeMetricFamily(
        "tocsin_radio_noise_dbm", "Noise on the channel, dBm.", labels=("radio", "medium")
    )
    busy = GaugeMetricFamily(
        "tocsin_radio_busy_ratio", "Share of time the channel is taken.", labels=("radio", "medium")
    )
    for name, radio in radios.items():
        for event, count in _numbers(radio).items():
            if event not in _NO_COUNT:
                events.add_metric((name, event), count)
        for medium, told in _tables(radio).items():
            heard = _numbers(told)
            foreign.add_metric((name, medium), heard.get("foreign", 0))
            dropped.add_metric((name, medium), heard.get("dropped", 0))
            if "noise_dbm" in heard:
                noise.add_metric((name, medium), heard["noise_dbm"])
            if "busy_percent" in heard:
                busy.add_metric((name, medium), heard["busy_percent"] / 100)
    yield from (events, foreign, dropped, noise, busy)


def _of_upstreams(report: Mapping[str, object]) -> Iterator[Metric]:
    up = {name: _number(one.get("up")) for name, one in _tables(report.get("upstreams")).items()}
    yield _gauge("tocsin_upstream_up", "Whether an upstream is connected.", "target", up)
    boxes = _tables(report.get("outbox"))
    rows = {name: _number(box.get("rows")) for name, box in boxes.items()}
    yield _gauge("tocsin_outbox_rows", "Events that wait for an upstream.", "target", rows)
    now = _number(report.get("at")) or time.time()
    ages = {
        name: max(now - oldest, 0.0) if (oldest := _number(box.get("oldest_at"))) else 0.0
        for name, box in boxes.items()
    }
    text = "How long the oldest of them waits."
    yield _gauge("tocsin_outbox_oldest_seconds", text, "target", ages)


def _of_devices(report: Mapping[str, object]) -> Iterator[Metric]:
    count = _number(report.get("devices"))
    yield GaugeMetricFamily("tocsin_devices", "Devices enrolled.", value=count)
    states = _numbers(report.get("supervision"))
    yield _gauge("tocsin_devices_supervised", "Devices by how they are heard.", "state", states)
    yield _labelled(
        "tocsin_device_unheard", "1 for each device that is late or missing.",
        ("device", "state"), report.get("unheard"),
    )  # fmt: skip
    yield _labelled(
        "tocsin_device_fault", "1 for each fault of a device that stands.",
        ("device", "code"), report.get("device_faults"),
    )  # fmt: skip
    incidents = _numbers(report.get("incidents"))
    yield _gauge("tocsin_incidents", "Incidents not closed, without tests.", "state", incidents)


def _of_gateway(report: Mapping[str, object]) -> Iterator[Metric]:
    yield _labelled(
        "tocsin_fault", "1 for each fault of the gateway that stands.",
        ("source", "code"), report.get("faults"),
    )  # fmt: skip
    started = _number(report.get("started_at"))
    yield GaugeMetricFamily("tocsin_start_time_seconds", "When it started, Unix.", value=started)
    memory = _number(report.get("resident_mb")) * 1e6
    yield GaugeMetricFamily("tocsin_resident_memory_bytes", "Memory in use.", value=memory)


def _counter(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, text, labels=(label,))
    for which, value in values.items():
        family.add_metric((which,), value)
    return family


def _gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for which, value in values.items():
        family.add_metric((which,), value)
    return family


def _labelled(name: str, text: str, labels: tuple[str, ...], rows: object) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for row in rows if isinstance(rows, list) else ():
        family.add_metric([str(row[label]) for label in labels], 1)
    return family


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _numbers(value: object) -> dict[str, float]:
    table = value if isinstance(value, Mapping) else {}
    return {name: float(n) for name, n in table.items() if isinstance(n, int | float)}


def _tables(value: object) -> dict[str, Mapping[str, object]]:
    table = value if isinstance(value, Mapping) else {}
    return {name: one for name, one in table.items() if isinstance(one, Mapping)}
