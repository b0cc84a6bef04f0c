"""The running gateway: the only place that wires its parts. A task that ends, ends the service."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Awaitable
from functools import partial

from gateway.around import Around
from gateway.config import Config
from gateway.control import Control
from gateway.device_facts import Shown
from gateway.disk import outbox_rows, stand_in
from gateway.disk.gateway_key import GatewayKey
from gateway.disk.outbox import Outbox
from gateway.disk.rebuild import suspect
from gateway.disk.registry import read_devices
from gateway.disk.schema import StoreDamaged, StoreFault
from gateway.disk.signing_key import load_or_stand_in
from gateway.disk.store import DATABASE_NAME, Store
from gateway.disk.upkeep import Upkeep
from gateway.events import Enrolled, Event, Fault, Received, Restore
from gateway.frames.device import Device
from gateway.frames.door import FIRST_SWEEP_S, Door
from gateway.gateway_clock import GatewayClock
from gateway.inbox import Inbox
from gateway.ledger import Ledger
from gateway.path import Way
from gateway.pulse import Pulse
from gateway.remembering import remember
from gateway.response.local_means import LocalMeans
from gateway.response.pins import open_pins
from gateway.systemd import Notifier, keep_telling
from gateway.telemetry.logbook import Logbook
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.metrics_server import MetricsServer
from gateway.telemetry.reporting import Reported, Reporting
from gateway.upstream.ack_links import AckLinks
from gateway.upstream.ack_listener import AckListener
from gateway.upstream.cloudevent import Author
from gateway.watchers import watchers
from gateway.watching.links import Links
from gateway.watching.watch import Parts, Watch
from gateway.watching.wellbeing import Wellbeing
from gateway.ways_in import way_in
from gateway.ways_out import Inward, way_out


class TaskEnded(Exception):
    """A task that should run for ever has returned."""


class _Stop(Exception):
    """Somebody asked the service to end."""


class Service:
    """All parts of the gateway of `config`."""

    def __init__(self, config: Config, key: GatewayKey) -> None:
        """Make the parts; open nothing."""
        self._config = config
        self._key = key
        self._logbook = Logbook(config.log_format)
        self._inbox = Inbox(patient=True)
        self._pulse = Pulse()
        self._manager = Notifier(os.environ, os.getpid())
        self._links = Links(self._inbox.post, self._line_up)
        targets = tuple(upstream.name for upstream in config.upstreams)
        self._clock = GatewayClock(trusted=config.clock == "believed")
        self._store = Store(config.state_dir / DATABASE_NAME, targets, self._clock.stored)
        self._radios = {radio.name: way_in(radio, config.runtime_dir) for radio in config.radios}
        self._metrics = Metrics()
        self._outboxes = {name: Outbox(self._store, name) for name in targets}
        signer, self._unsigned = load_or_stand_in(config.state_dir)
        self._links_key = signer.derived("links")
        self._shown = Shown(lambda: self._ledger)
        inward = Inward(
            Author(config.place, signer),
            AckLinks(config.acknowledge, self._links_key),
            self._links.post,
            self._refuse,
            self._shown,
        )
        self._upstreams = [
            way_out(target, config, self._outboxes[target.name], inward)
            for target in config.upstreams
        ]
        self._upkeep = Upkeep(
            config.state_dir, self._store, config.retention, self._clock, self._post
        )
        self._ledger = Ledger(plan=config.plan)
        local = config.annunciator
        opens = partial(open_pins, local.outputs, config.runtime_dir, virtual=local.virtual)
        self._local_means = LocalMeans(local.outputs, opens, self._clock.now_s, self._post)

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        path = self._config.state_dir / DATABASE_NAME
        self._store.ballast.make_way()
        folder = self._config.runtime_dir
        rebuilt = await stand_in.open_store(self._store, path, folder, self._key)
        try:
            known = await remember(
                self._store, await self._read_devices(), self._config, self._clock
            )
            ledger = self._ledger = known.ledger
            gc.freeze()  # what was loaded stays: nothing to look through at each collection
            way = Way(ledger, self._store, self._inbox, self._logbook, self._rim(ledger))
            way.watch(watchers(self._config, ledger, self._clock.now_s()))
            # Told anew where it is still true: the mark may have been changed.
            self._inbox.post(Restore("gateway", "mark_shared", time.time()))
            self._inbox.post(self._unsigned)
            self._upkeep.started(rebuilt, known.behind)
            self._logbook.line("started", time.time(), devices=len(ledger.devices))
            await self._run_tasks(way, ledger)
        except* _Stop:
            self._logbook.line("stopped", time.time())
        except* StoreDamaged as damaged:
            suspect(path, str(damaged.exceptions[0]))
            raise
        finally:
            self._manager.tell(STOPPING="1")
            await self._store.close(self._ledger.states)

    async def _run_tasks(self, way: Way, ledger: Ledger) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._logbook.callback_failed)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._inbox.post(Enrolled(time.time())))
        control = Control(self._config.runtime_dir, self._inbox.post)
        async with asyncio.TaskGroup() as tasks:

            def start(name: str, task: Awaitable[None]) -> None:
                tasks.create_task(self._for_ever(name, task), name=name)

            start("path", way.run())
            way.door.sweep(time.time(), FIRST_SWEEP_S)
            start("search", way.door.run())
            for radio in self._radios.values():
                start(f"radio.{radio.name}", radio.run(partial(self._deliver, way.door)))
            for upstream in self._upstreams:
                start(f"upstream.{upstream.name}", upstream.run())
            if self._config.acknowledge.base_url:
                listener = AckListener(self._config.acknowledge, self._links_key, self._post)
                start("acknowledge", listener.run())
            if self._config.annunciator.outputs:
                start("annunciator", self._local_means.run(ledger))
            start("upkeep", self._upkeep.run(ledger))
            start("control", control.run())
            start("watch", self._watch().run(self._post, tuple(ledger.faults)))
            reporting = self._reporting()
            folder = self._config.runtime_dir
            start("status", reporting.run(folder, ledger, way.door, self._inbox.post))
            if self._config.metrics.host:
                text = partial(reporting.text, ledger, way.door)
                start("metrics", MetricsServer(self._config.metrics, text, self._inbox.post).run())
            # The last: by its first step all others have had theirs.
            line = partial(reporting.line, ledger)
            start("telling", keep_telling(self._manager, self._pulse, line, reporting.hangs))
            tasks.create_task(_stopped(stop), name="stop")

    async def _for_ever(self, name: str, task: Awaitable[None]) -> None:
        self._pulse.begin(name)
        await task
        raise TaskEnded(name)

    def _rim(self, ledger: Ledger) -> Around:
        return Around(
            ledger,
            self._clock,
            self._metrics,
            self._shown,
            self._radios,
            self._upstreams,
            self._outboxes,
            self._local_means,
            self._logbook,
            self._read_devices,
        )

    def _reporting(self) -> Reporting:
        parts = Reported(
            self._store,
            self._inbox,
            self._logbook,
            self._radios,
            self._upstreams,
            self._outboxes,
            self._local_means,
            self._metrics,
        )
        return Reporting(self._config.place.site, parts)

    def _watch(self) -> Watch:
        wellbeing = Wellbeing(self._config.supervision.limits)
        parts = Parts(
            self._radios,
            self._upstreams,
            self._waiting,
            self._clock,
            self._config.state_dir,
            self._links.faults,
        )
        return Watch(wellbeing, parts)

    async def _waiting(self, name: str) -> int | None:
        """Return how many rows wait for an upstream, None where the store does not say."""
        try:
            return (await self._store.read(partial(outbox_rows.depth, target=name)))[0]
        except StoreFault:
            return None

    async def _read_devices(self) -> list[Device]:
        read = await self._store.read(lambda connection: read_devices(connection, self._key.unseal))
        return list(read.values())

    def _deliver(self, door: Door, event: Received | Fault | Restore) -> None:
        if isinstance(event, Received):
            door.hear(event)
        else:
            self._links.post(event)

    def _post(self, event: Event) -> asyncio.Future[str]:
        if isinstance(event, Restore) and event.code == "cannot_listen":
            self._line_up(event)
        return self._inbox.post(event)

    def _line_up(self, event: Restore) -> None:
        """Say that something can be reached, also where no fault came before it."""
        self._logbook.line("up", event.at, source=event.source)

    def _refuse(self, reason: str) -> None:
        self._logbook.refused(reason, time.time())


async def _stopped(stop: asyncio.Event) -> None:
    await stop.wait()
    raise _Stop
