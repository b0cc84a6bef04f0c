"""What is wrong with the gateway itself, from samples of its parts; told when it is steady. Pure.

source           code                        told after           restored after
gateway          deaf (no radio hears)       10 s                 10 s
radio.NAME       silent                      0 s (30 s quiet)     10 s
radio.NAME       deaf_ble, deaf_lora         0 s (60 s quiet)     15 s
radio.NAME       jammed_ble, jammed_lora     0 s (30 of 60 s)     5 s (5 of 60 s)
gateway          clock_unsure                300 s                60 s
disk             filling                     60 s                 300 s
upstream.NAME    away                        120 s                30 s
upstream.NAME    waiting (rows pile up)      60 s                 60 s
machine          under_voltage               5 s                  60 s
machine          throttled, hot              60 s                 300 s
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.events import Fault, Overheard, Restore
from gateway.watching.ears import Ear
from gateway.watching.steadiness import Patience, Steadiness, Wrong

PATIENCE = {
    "deaf": Patience(10, 10),
    "silent": Patience(0, 10),
    "deaf_ble": Patience(0, 15),
    "deaf_lora": Patience(0, 15),
    "jammed_ble": Patience(0, 5),
    "jammed_lora": Patience(0, 5),
    "clock_unsure": Patience(300, 60),
    "filling": Patience(60, 300),
    "away": Patience(120, 30),
    "waiting": Patience(60, 60),
    "under_voltage": Patience(5, 60),
    "throttled": Patience(60, 300),
    "hot": Patience(60, 300),
}
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is wrong. `waiting_max`: rows that wait for one upstream."""

    disk_free_mb: int = 200
    waiting_max: int = 1_000
    hot_celsius: int = 82


@dataclass(frozen=True, slots=True)
class HeadSample:
    """A radio head: whether its line stands, and what it has reported since the last sample."""

    name: str
    up: bool
    reports: Sequence[Overheard] = ()


@dataclass(frozen=True, slots=True)
class UpstreamSample:
    """An upstream: whether it is connected, and how many rows wait for it, None where unknown."""

    name: str
    up: bool
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class MachineSample:
    """The computer; None: it does not tell."""

    disk_free_bytes: int | None = None
    under_voltage: bool | None = None
    throttled: bool | None = None
    celsius: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything at `now`, seconds of a clock that is never set, and `at`, Unix seconds."""

    now: float
    at: float
    heads: Sequence[HeadSample]
    upstreams: Sequence[UpstreamSample]
    machine: MachineSample
    clock_believed: bool


class Wellbeing:
    """Remembers what the samples have shown so far."""

    def __init__(self, limits: Limits) -> None:
        """Take the limits."""
        self._limits = limits
        self._ears: dict[str, dict[str, Ear]] = {}
        self._steadiness = Steadiness(PATIENCE)

    def judge(self, sample: Sample) -> list[Fault | Restore]:
        """Take a sample; return what begins and what ends."""
        found = {("gateway", "clock_unsure"): Wrong(not sample.clock_believed)}
        hears = [self._listen(head, sample.now, found) for head in sample.heads]
        found["gateway", "deaf"] = Wrong(not any(hears), "no_radio_hears")
        for upstream in sample.upstreams:
            self._judge_upstream(upstream, found)
        self._judge_machine(sample.machine, found)
        return self._steadiness.judge(found, sample.now, sample.at)

    def _listen(self, head: HeadSample, now: float, found: dict[tuple[str, str], Wrong]) -> bool:
        """Judge a radio head; say whether it hears anything on any medium."""
        media = self._ears.setdefault(head.name, {})
        for told in head.reports:
            media.setdefault(told.medium, Ear(now)).take(told, now)
        if not head.up:  # that is a fault of its own
            for ear in media.values():
                ear.lost(now)
            return False
        source = f"radio.{head.name}"
        silent = bool(media) and all(ear.silent(now) for ear in media.values())
        found[source, "silent"] = Wrong(silent, "no_reports")
        hears = [not media]
        for medium, ear in media.items():
            deaf, jammed = ear.deaf(), ear.jammed(now)
            found[source, f"deaf_{medium}"] = deaf
            found[source, f"jammed_{medium}"] = jammed
            hears.append(not (deaf.wrong or jammed.wrong))
        return any(hears) and not silent

    def _judge_upstream(
        self, upstream: UpstreamSample, found: dict[tuple[str, str], Wrong]
    ) -> None:
        source = f"upstream.{upstream.name}"
        found[source, "away"] = Wrong(not upstream.up)
        if upstream.waiting is not None:
            wrong = upstream.waiting > self._limits.waiting_max
            found[source, "waiting"] = Wrong(wrong, str(upstream.waiting))

    def _judge_machine(self, machine: MachineSample, found: dict[tuple[str, str], Wrong]) -> None:
        if machine.disk_free_bytes is not None:
            free_mb = machine.disk_free_bytes // _MB
            found["disk", "filling"] = Wrong(free_mb < self._limits.disk_free_mb, f"{free_mb}_MB")
        if machine.under_voltage is not None:
            found["machine", "under_voltage"] = Wrong(machine.under_voltage)
        if machine.throttled is not None:
            found["machine", "throttled"] = Wrong(machine.throttled)
        if machine.celsius is not None:
            hot = machine.celsius >= self._limits.hot_celsius
            found["machine", "hot"] = Wrong(hot, f"{machine.celsius:.0f}_C")
