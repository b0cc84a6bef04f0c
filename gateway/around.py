"""What lies around the path in the running service: where its answers and notices go, and what it asks."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.device_facts import Shown
from gateway.disk.gateway_key import KeyFault
from gateway.disk.outbox import Outbox
from gateway.disk.schema import StoreFault
from gateway.downlink import Health
from gateway.drafts import Notice
from gateway.events import Transmission
from gateway.frames.device import Device
from gateway.gateway_clock import GatewayClock
from gateway.ledger import Committed, Ledger
from gateway.response import plan_watch
from gateway.response.local_means import LocalMeans
from gateway.telemetry.logbook import Logbook
from gateway.telemetry.metrics import Metrics


class Radio(Protocol):
    """What transmits."""

    def transmit(self, transmission: Transmission) -> None:
        """Transmit a frame."""


class Upstream(Protocol):
    """What tells others."""

    @property
    def up(self) -> bool:
        """Say whether the target took what it was last given."""


@dataclass(frozen=True, slots=True)
class Around:
    """`path.Rim` of the service. `read_devices` raises `KeyFault` or `StoreFault`."""

    ledger: Ledger
    clock: GatewayClock
    metrics: Metrics
    shown: Shown
    radios: Mapping[str, Radio]
    upstreams: Sequence[Upstream]
    outboxes: Mapping[str, Outbox]
    local_means: LocalMeans
    logbook: Logbook
    read_devices: Callable[[], Awaitable[list[Device]]]

    def now_s(self) -> float:
        """Return gateway time."""
        return self.clock.now_s()

    async def devices(self) -> list[Device] | None:
        """Read the enrolled devices anew; None where that fails, and those known stay."""
        try:
            return await self.read_devices()
        except (KeyFault, StoreFault) as error:
            code = ".".join(map(str, error.args))
            self.logbook.line("fault", time.time(), source="registry", code=code)
            return None

    def committed(self, committed: Committed, took_s: float) -> None:
        """Measure what is on disk now, and show it."""
        self.metrics.committed(committed, took_s)
        self.shown.note(committed.batch)

    def send(self, transmission: Transmission) -> None:
        """Let the radio of `transmission` transmit it."""
        if transmission.after_s:
            later = replace(transmission, after_s=0.0)
            asyncio.get_running_loop().call_later(transmission.after_s, self.send, later)
            return
        self.metrics.answered()
        radio = self.radios.get(transmission.radio)
        if radio is not None:  # it may have been taken out of the configuration
            radio.transmit(transmission)

    def stored(self, committed: Committed) -> None:
        """Hand the upstreams what is theirs, and wake the annunciator."""
        self.local_means.wake()
        for waiting in self.outboxes.values():
            waiting.committed(committed.written)

    def unstored(self, notices: Iterable[Notice]) -> None:
        """Let the upstreams and the annunciator tell alerts that the disk does not take."""
        self.local_means.hold(notices)
        for waiting in self.outboxes.values():
            waiting.hold(notices)

    def health(self) -> Health:
        """Say what works: whoever asks answers from a receipt, so the store is well.

        The plan does where its steps tell somebody of every kind now, and where nobody waits untold.
        """
        upstream = any(upstream.up for upstream in self.upstreams)
        return Health(
            store=True, upstream=upstream, plan=plan_watch.works(self.ledger, time.time())
        )
