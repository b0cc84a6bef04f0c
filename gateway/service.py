"""The running gateway: the only place that wires its parts. A task that ends, ends the service."""

import asyncio
import fcntl
import gc
import os
import signal
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from gateway import outbox, status
from gateway.bearing import Bearing
from gateway.config import Config
from gateway.control import Control
from gateway.device import Device
from gateway.device_clock import DeviceClock
from gateway.device_state import DeviceState
from gateway.door import FIRST_SWEEP_S, Door
from gateway.downlink import Health
from gateway.events import Enrolled, Event, Fault, Received, Restore, Transmission
from gateway.gateway_clock import GatewayClock
from gateway.gateway_key import GatewayKey, KeyFault
from gateway.inbox import Inbox
from gateway.ledger import Ledger, within_reach
from gateway.logbook import Logbook
from gateway.outbox import Outbox
from gateway.path import Way
from gateway.radio.radio_head import RadioHead
from gateway.registry import read_devices
from gateway.schema import StoreFault
from gateway.store import Store, read_faults, read_incidents, read_states
from gateway.upstream.mqtt import MqttUpstream

DATABASE_NAME = "gateway.sqlite"
LOCK_NAME = "gateway.lock"
STATUS_EVERY_S = 10.0
REJECTIONS_EVERY_S = 60.0
_LINKS = ("link_down", "unreachable", "cannot_listen")  # faults whose end is worth a line


class AlreadyRunning(Exception):
    """Another gateway works on this state folder."""


class TaskEnded(Exception):
    """A task that should run for ever has returned."""


class _Stop(Exception):
    """Somebody asked the service to end."""


@contextmanager
def sole_user(state_dir: Path) -> Iterator[None]:
    """Hold the state folder for this process; raise `AlreadyRunning`."""
    with (state_dir / LOCK_NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(str(state_dir)) from error
        yield


class Service:
    """All parts of the gateway of `config`."""

    def __init__(self, config: Config, key: GatewayKey) -> None:
        """Make the parts; open nothing."""
        self._config = config
        self._key = key
        self._started = time.time()
        self._logbook = Logbook(config.log_format)
        self._inbox = Inbox()
        targets = tuple(upstream.name for upstream in config.upstreams)
        self._clock = GatewayClock(trusted=config.clock == "believed")
        self._store = Store(config.state_dir / DATABASE_NAME, targets, self._clock.stored)
        self._radios = {
            radio.name: RadioHead(radio.name, radio.port, radio.lora) for radio in config.radios
        }
        self._outboxes = {name: Outbox(self._store, name) for name in targets}
        self._upstreams = [
            MqttUpstream(
                upstream, config.place, self._outboxes[upstream.name], self._post, self._refuse
            )
            for upstream in config.upstreams
        ]

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        await self._store.open()
        try:
            ledger = await self._load()
            gc.freeze()  # what was loaded stays: nothing to look through at each collection
            way = Way(ledger, self._store, self._inbox, self._logbook, self)
            # Told anew where it is still true: the mark may have been changed.
            self._inbox.post(Restore("gateway", "mark_shared", time.time()))
            self._logbook.line("started", time.time(), devices=len(ledger.devices))
            await self._run_tasks(way, ledger)
        except* _Stop:
            self._logbook.line("stopped", time.time())
        finally:
            await self._store.close()

    async def _run_tasks(self, way: Way, ledger: Ledger) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._inbox.post(Enrolled(time.time())))
        control = Control(self._config.runtime_dir, self._inbox.post)
        async with asyncio.TaskGroup() as tasks:

            def start(name: str, task: Awaitable[None]) -> None:
                tasks.create_task(_for_ever(name, task), name=name)

            start("path", way.run())
            way.door.sweep(time.time(), FIRST_SWEEP_S)
            start("search", way.door.run())
            for radio in self._radios.values():
                start(f"radio.{radio.name}", radio.run(partial(self._deliver, way.door)))
            for upstream in self._upstreams:
                start(f"upstream.{upstream.name}", upstream.run())
            start("control", control.run())
            start("status", self._report(ledger, way.door))
            tasks.create_task(_stopped(stop), name="stop")

    async def _load(self) -> Ledger:
        """Read what the gateway knew when it stopped, however it stopped."""
        devices = {device.id: device for device in await self._read_devices()}
        states = await self._store.read(read_states)
        self._believe(states)
        for device in devices.values():
            states.setdefault(device.id, DeviceState(device.floor))
        incidents = {
            incident.id: incident
            for incident in await self._store.read(read_incidents)
            if incident.device in devices
            and within_reach(incident, states[incident.device].window.highest)
        }
        faults = await self._store.read(read_faults)
        bearing = Bearing(self._config.mark, self._clock.base_s)
        return Ledger(devices, states, incidents, faults, bearing)

    def _believe(self, states: dict[str, DeviceState]) -> None:
        """Forget the clocks of the devices where the wall clock cannot say how long we were away."""
        self._clock.not_before(
            max((state.contact_at or 0.0 for state in states.values()), default=0.0)
        )
        if not self._clock.believed():
            for state in states.values():
                state.clock = DeviceClock()

    async def devices(self) -> list[Device] | None:
        """Read the enrolled devices anew; None where that fails, and those known stay."""
        try:
            return await self._read_devices()
        except (KeyFault, StoreFault) as error:
            code = ".".join(map(str, error.args))
            self._logbook.line("fault", time.time(), source="registry", code=code)
            return None

    async def _read_devices(self) -> list[Device]:
        read = await self._store.read(lambda connection: read_devices(connection, self._key.unseal))
        return list(read.values())

    def _deliver(self, door: Door, event: Received | Fault | Restore) -> None:
        if isinstance(event, Received):
            door.hear(event)
        else:
            self._post(event)

    def _post(self, event: Event) -> asyncio.Future[str]:
        if (
            isinstance(event, Restore) and event.code in _LINKS
        ):  # also where no fault came before it
            self._logbook.line("up", event.at, source=event.source)
        return self._inbox.post(event)

    def send(self, transmission: Transmission) -> None:
        """Let the radio of `transmission` transmit it."""
        radio = self._radios.get(transmission.radio)
        if radio is not None:  # it may have been taken out of the configuration
            radio.transmit(transmission)

    def stored(self) -> None:
        """Wake the upstreams."""
        for waiting in self._outboxes.values():
            waiting.wake()

    def health(self) -> Health:
        """Say what works: whoever asks answers from a receipt, so the store is well.

        The plan of this gateway is to tell its upstreams: it stands as long as there is one.
        """
        upstream = any(upstream.up for upstream in self._upstreams)
        return Health(store=True, upstream=upstream, plan=bool(self._upstreams))

    def _refuse(self, reason: str) -> None:
        self._logbook.refused(reason, time.time())

    async def _report(self, ledger: Ledger, door: Door) -> None:
        rejections_due = time.monotonic() + REJECTIONS_EVERY_S
        while True:
            try:
                status.write(self._config.runtime_dir, await self._status(ledger, door))
            except OSError as error:  # a full /run is no reason to hear no alert
                why = type(error).__name__
                self._post(Fault("status", "not_written", time.time(), why))
            else:
                self._inbox.post(Restore("status", "not_written", time.time()))
            await asyncio.sleep(STATUS_EVERY_S)
            if time.monotonic() >= rejections_due:
                rejections_due += REJECTIONS_EVERY_S
                self._logbook.rejections(time.time())

    async def _status(self, ledger: Ledger, door: Door) -> dict[str, object]:
        waiting = {}
        for name in self._outboxes:
            try:
                count, oldest = await self._store.read(partial(outbox.depth, target=name))
            except StoreFault:
                continue
            waiting[name] = {"rows": count, "oldest_at": oldest}
        return {
            "at": time.time(),
            "started_at": self._started,
            "pid": os.getpid(),
            "site": self._config.place.site,
            "resident_mb": status.resident_mb(),
            "devices": len(ledger.devices),
            "heard": dict(self._logbook.heard),
            "rejected": dict(self._logbook.rejected),
            "dropped": self._inbox.dropped,
            "unresolved": door.unresolved,
            "radios": {
                r.name: {"up": r.up, **r.counts, **r.told.status()} for r in self._radios.values()
            },
            "upstreams": {u.name: {"up": u.up} for u in self._upstreams},
            "outbox": waiting,
            "faults": [
                {"source": source, "code": code, "since": since}
                for (source, code), since in ledger.faults.items()
            ],
        }


async def _for_ever(name: str, task: Awaitable[None]) -> None:
    await task
    raise TaskEnded(name)


async def _stopped(stop: asyncio.Event) -> None:
    await stop.wait()
    raise _Stop
