"""What a fleet was asked to do, and what it came to. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tools.bench.fleet_account import Account, percentile

RECOVERED_WITHIN_S = 15.0
P99_MS = 2000.0
THROUGH_WITHIN_S = 60.0
JUDGED_BY_RECOVERY = 1_000  # gateways; beyond, what counts is that everything arrives in time


@dataclass(frozen=True)
class Load:
    """How many gateways raise how many alerts in `load_s`, and when the leader is killed.

    `command_qos`: with which the gateways subscribe to their commands.
    """

    gateways: int
    alerts: int
    load_s: float = 40.0
    broken_after_s: float = 10.0
    command_qos: int = 0

    @classmethod
    def of(cls, gateways: int, command_qos: int = 0) -> "Load":
        """Return that of the bench: two alerts of each, but enough to speak of a p99."""
        return cls(gateways, max(2 * gateways, 600), command_qos=command_qos)


@dataclass(frozen=True)
class Weight:
    """Memory of all nodes together, in MB of 10^6 bytes, and what they have computed."""

    alone_mb: float  # with the desk and no gateway
    connected_mb: float
    loaded_mb: float  # at the end of the load
    idle_cpu_percent: float  # of one core
    alert_cpu_ms: float  # each, before anything was killed


@dataclass(frozen=True)
class Ran:
    """A run; `begun_at` and `broken_at` are seconds of the clock of `account`."""

    broker: str
    load: Load
    account: Account
    begun_at: float
    broken_at: float | None  # None: nothing was killed
    connect_s: float
    forged: int
    failures: int  # of sessions
    weight: Weight

    @property
    def lost(self) -> int:
        """Count the alerts that the desk never read, or not as they were signed."""
        return self.account.lost + self.forged

    @property
    def recovery_s(self) -> float:
        """Return how long after the kill the p99 was back under the bar, to stay."""
        return 0.0 if self.broken_at is None else self.account.recovery_s(self.broken_at)

    @property
    def p99_ms(self) -> float:
        """Return the p99 of those raised from 15 s after the kill on; without a kill, of all."""
        since = -math.inf if self.broken_at is None else self.broken_at + RECOVERED_WITHIN_S
        return percentile(self.account.latencies(since), 99) * 1000

    @property
    def slowest_s(self) -> float:
        """Return how long the slowest alert took; for ever where one is not through."""
        return max(self.account.latencies(), default=0.0)

    @property
    def mb_per_1000_gateways(self) -> float:
        """Return what a thousand connected gateways add, on all nodes together."""
        added = self.weight.connected_mb - self.weight.alone_mb
        return added * 1000 / self.load.gateways

    def calm_ms(self, percent: int) -> float:
        """Return a percentile of those raised before the kill."""
        until = math.inf if self.broken_at is None else self.broken_at
        return percentile(self._settled_before(until), percent) * 1000

    def _settled_before(self, until: float) -> list[float]:
        """Leave out the last second: what was under way when the leader died waits for the next one."""
        return self.account.latencies(until=until - 1.0)

    def bars(self) -> Mapping[str, tuple[float, float]]:
        """Return the figure and the bar of each that a run of this size is judged by."""
        bars = {"lost": (float(self.lost), 0.0)}
        if self.broken_at is None:
            return bars
        if self.load.gateways <= JUDGED_BY_RECOVERY:
            bars["recovery_s"] = (self.recovery_s, RECOVERED_WITHIN_S)
            bars["p99_ms"] = (self.p99_ms, P99_MS)
        else:
            bars["slowest_s"] = (self.slowest_s, THROUGH_WITHIN_S)
        return bars
