"""The Bluetooth of this machine as a radio: BlueZ hears and answers, and is mended when it does not.

Every two seconds the adapter is looked at: is bluetoothd there, and the same; is the adapter, is it on,
does it scan. What is missing is set up again at once where that is all; what does not come back, or
hears nothing, is for `recovery`. Two of its steps take rights that a service on the air should not
have: they are asked for by a file, `recover-bluetooth` in the runtime folder, which holds the adapter's
name and `restart` or `reset`.
"""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from gateway import pulse
from gateway.events import Fault, Received, Restore, Transmission
from gateway.radio import Deliver, LinkDown, rfkill
from gateway.radio.ble_advertiser import Advertiser
from gateway.radio.ble_report import BleReport
from gateway.radio.ble_scan import Scan
from gateway.radio.bluez import Adapter, Bluez
from gateway.radio.hci_counter import HciCounter
from gateway.radio.recovery import Recovery, Step
from gateway.radio.which_adapter import Which
from protocol.link_messages import BLE, MEDIUM_NAMES

LOOK_EVERY_S = 2.0
REQUEST = "recover-bluetooth"
# An active scan pauses for 5 s by itself.
_PAUSE_S = 15.0
_LET_GO_S = 0.5
_WITHIN_S = 15.0  # all that a look asks of BlueZ, and all of a step: no task may seem to hang
_MEDIUM = MEDIUM_NAMES[BLE]
_ASKED = {Step.DAEMON: "restart", Step.RESET: "reset"}


class Bluetooth:
    """The radio named `name` by the adapter `adapter`, hci0 or its address."""

    def __init__(self, name: str, adapter: str, runtime_dir: Path) -> None:
        """Open nothing yet; requests are left in `runtime_dir`."""
        now = time.monotonic()
        self.name = name
        self.counts: Counter[str] = Counter()
        self.told = BleReport(now)
        self._which = Which(adapter)
        self._request = runtime_dir / REQUEST
        self._place = "/org/tocsin/" + "".join(c if c.isalnum() else "_" for c in name)
        self._recovery = Recovery(now)
        self._advertiser = Advertiser(self._place, self.counts)
        self._hci = HciCounter()
        self._events: int | None = None
        self._deliver: Deliver | None = None
        self._bluez: Bluez | None = None
        self._owner = ""
        self._scan: Scan | None = None
        self._paused_since: float | None = None
        self._trouble = "not_started"

    @property
    def up(self) -> bool:
        """Say whether it hears, as far as BlueZ says."""
        return not self._trouble

    async def run(self, deliver: Deliver) -> None:
        """Hear and answer, for ever."""
        self._deliver = deliver
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._advertiser.run())
                while True:
                    pulse.beat()
                    await self._look()
                    await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._lose()
            self._hci.close()

    def transmit(self, transmission: Transmission) -> None:
        """Put a frame on air; one that cannot be is counted."""
        if not self.up:
            self.counts["not_sent"] += 1
        elif transmission.medium != _MEDIUM:
            self.counts["refused"] += 1
        else:
            seconds = transmission.ms / 1000
            slot, frame = transmission.slot, transmission.frame
            self._advertiser.put(slot, frame, seconds, urgent=transmission.urgent)

    def frame(self, frame: bytes, rssi: int) -> None:
        """Take a frame that the scan has heard."""
        self.told.ours += 1
        self.counts["received"] += 1
        if self._deliver is not None:
            at, monotonic = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
            self._deliver(Received(frame, self.name, _MEDIUM, rssi, 0, at, monotonic))

    def foreign(self) -> None:
        """Count what the scan has heard of others."""
        self.told.foreign += 1

    async def _look(self) -> None:
        """See how it fares, tell it, and do what is next."""
        try:
            async with asyncio.timeout(_WITHIN_S):
                await self._stand()
            self._fare("")
        except (LinkDown, TimeoutError) as error:
            await self._lose()
            self._fare(error.reason if isinstance(error, LinkDown) else "hung")
        now = time.monotonic()
        self._count_events()
        step = self._recovery.poll(self._trouble, self.told.heard, now)
        if step is not Step.NOTHING:
            self.counts[step.value] += 1
            with suppress(LinkDown, TimeoutError):  # the next look tells
                async with asyncio.timeout(_WITHIN_S):
                    await self._do(step)
        self.told.poll(now)

    async def _stand(self) -> None:
        """Set up what is missing; raise `LinkDown` where it cannot be."""
        bluez = self._bluez
        if bluez is None or not bluez.connected:
            await self._lose()
            bluez = self._bluez = await Bluez.open()
        owner = await bluez.owner()
        adapter = await self._which.find(bluez, time.monotonic())
        if owner != self._owner or not adapter.powered:
            await self._end_scan()
            self._owner = owner
        if not adapter.powered:
            blocked = adapter.blocked or rfkill.blocked(adapter.name)
            raise LinkDown("rfkill" if blocked else "powered_off")
        if self._scan is None or self._has_stopped(self._scan, adapter):
            await self._begin_scan(bluez, adapter)

    def _has_stopped(self, scan: Scan, adapter: Adapter) -> bool:
        """Say whether the scan has ended behind our back."""
        if scan.dropped or scan.adapter.path != adapter.path:
            return True
        if scan.passive or adapter.discovering:
            self._paused_since = None
            return False
        now = time.monotonic()
        if self._paused_since is None:
            self._paused_since = now
        return now - self._paused_since >= _PAUSE_S

    async def _begin_scan(self, bluez: Bluez, adapter: Adapter) -> None:
        await self._end_scan()
        offers = await bluez.offers(adapter)
        scan = Scan(bluez, adapter, f"{self._place}/monitor", self)
        try:
            await scan.start(passive=offers.passive)
        except LinkDown:
            await scan.stop()
            raise
        self._scan, self._events, self._paused_since = scan, None, None
        self._advertiser.begin(bluez, adapter, offers)
        mode = "passive" if scan.passive else "active"
        self.told.tell(adapter=adapter.name, address=adapter.address, scan=mode)

    async def _end_scan(self) -> None:
        self._advertiser.end()
        scan, self._scan = self._scan, None
        if scan is not None:
            await scan.stop()

    async def _lose(self) -> None:
        """Let go of everything, whether or not anybody answers: the next look begins anew."""
        self._advertiser.end()
        scan, bluez = self._scan, self._bluez
        self._scan = self._bluez = None
        self._owner = ""
        if bluez is not None:
            bluez.close()
        if scan is not None:
            await scan.stop(_LET_GO_S)

    def _fare(self, trouble: str) -> None:
        """Take how it fares, and tell the gateway where that has changed."""
        self.told.tell(trouble=trouble or None, **self._advertiser.status())
        if trouble:
            self.told.silent(time.monotonic())
        if trouble == self._trouble or self._deliver is None:
            return
        self._trouble = trouble
        source, at = f"radio.{self.name}", time.time()
        if trouble:
            self._deliver(Fault(source, "link_down", at, trouble))
        else:
            self._deliver(Restore(source, "link_down", at))

    def _count_events(self) -> None:
        """In a passive scan, take what the controller has sent besides our frames for foreign adverts."""
        if self._scan is None or not self._scan.passive:
            return
        events = self._hci.events(self._scan.adapter.name)
        if events is not None and self._events is not None:
            self.told.foreign += max(events - self._events, 0)
        self._events = events

    async def _do(self, step: Step) -> None:
        """Take a step of recovery; raise `LinkDown`."""
        if step is Step.SCAN:
            await self._end_scan()
            await self._stand()
        elif step is Step.POWER:
            await self._cycle_power()
        else:
            self._ask(_ASKED[step])
            if step is Step.DAEMON and self._trouble == "no_bluez":
                await (self._bluez or await Bluez.open()).start()
        self._events = None  # what the controller answers to this is no advert

    async def _cycle_power(self) -> None:
        await self._end_scan()
        bluez = self._bluez or await Bluez.open()
        self._bluez = bluez
        adapter = await self._which.find(bluez, time.monotonic())
        if adapter.powered:
            await bluez.power(adapter, on=False)
        await bluez.power(adapter, on=True)

    def _ask(self, what: str) -> None:
        """Leave a request for what we have no right to, whole or not at all."""
        fresh = self._request.with_suffix(".new")
        try:
            fresh.write_text(f"{self._which.name} {what}\n", encoding="ascii")
            fresh.replace(self._request)
        except OSError:
            self.counts["not_asked"] += 1
