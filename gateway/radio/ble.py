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
from gateway.radio import Deliver, LinkDown
from gateway.radio.adapter_hold import AdapterHold
from gateway.radio.ble_report import BleReport
from gateway.radio.ble_scan import Scan
from gateway.radio.bluez import Bluez
from gateway.radio.hci_counter import HciCounter
from gateway.radio.recovery import Recovery, Step
from protocol.link_messages import BLE, MEDIUM_NAMES

LOOK_EVERY_S = 2.0
REQUEST = "recover-bluetooth"
_ANSWERS_WITHIN_S = 4.0
_WITHIN_S = 15.0  # all that a look asks of BlueZ, and all of a step: no task may seem to hang
_POWER_WITHIN_S = 26.0  # Linux waits for each command that a hanging controller still owes it
_MEDIUM = MEDIUM_NAMES[BLE]
_ASKED = {Step.DAEMON: "restart", Step.RESET: "reset"}


async def _activate() -> None:
    """Have D-Bus start bluetoothd: where that is set up it takes no rights; raise `LinkDown`."""
    bluez = await Bluez.open()
    try:
        await bluez.start()
    finally:
        bluez.close()


class Bluetooth:
    """The radio named `name` by the adapter `adapter`, hci0 or its address."""

    def __init__(self, name: str, adapter: str, runtime_dir: Path) -> None:
        """Open nothing yet; requests are left in `runtime_dir`."""
        now = time.monotonic()
        self.name = name
        self.counts: Counter[str] = Counter()
        self.told = BleReport(now)
        self._request = runtime_dir / REQUEST
        place = "/org/tocsin/" + "".join(c if c.isalnum() else "_" for c in name)
        self._hold = AdapterHold(adapter, place, self, self.counts)
        self._recovery = Recovery(now)
        self._hci = HciCounter()
        self._events: int | None = None
        self._counted: Scan | None = None  # the scan that these are of
        self._asked: tuple[int, float] | None = None
        self._deliver: Deliver | None = None
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
                tasks.create_task(self._hold.advertiser.run())
                while True:
                    pulse.beat()
                    await self._look()
                    await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._hold.lose()
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
            self._hold.advertiser.put(slot, frame, seconds, urgent=transmission.urgent)

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
                await self._see()
            self._fare("")
        except (LinkDown, TimeoutError) as error:
            await self._hold.lose()
            self._fare(error.reason if isinstance(error, LinkDown) else "hung")
        now = time.monotonic()
        step = self._recovery.poll(self._trouble, self.told.heard, now)
        if step is not Step.NOTHING:
            self.counts[step.value] += 1
            with suppress(LinkDown, TimeoutError):  # the next look tells
                async with asyncio.timeout(_POWER_WITHIN_S if step is Step.POWER else _WITHIN_S):
                    await self._do(step)
        self.told.poll(now)

    async def _see(self) -> None:
        """Let everything stand, and count; raise `LinkDown`.

        Of a controller that answers nothing no more is asked: that would wait in line before its reset.
        """
        if self._answers_nothing(time.monotonic()) and not await self._hold.is_off():
            raise LinkDown("no_events")
        await self._hold.stand()
        self._count_events()

    def _fare(self, trouble: str) -> None:
        """Take how it fares, and tell the gateway where that has changed."""
        self.told.tell(trouble=trouble or None, **self._hold.about())
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

    def _answers_nothing(self, now: float) -> bool:
        """Say whether the controller has had its time to answer to a new scan."""
        if self._asked is None:
            return False
        events, since = self._asked
        if self._hci.events(self._hold.name) != events:
            self._asked = None
            return False
        return now - since >= _ANSWERS_WITHIN_S

    def _count_events(self) -> None:
        """In a passive scan, take what the controller has sent besides our frames for foreign adverts."""
        scan = self._hold.scan
        if scan is None:
            return
        events = self._hci.events(scan.adapter.name)
        if scan is self._counted and events is not None and self._events is not None:
            self.told.foreign += max(events - self._events, 0) if scan.passive else 0
        self._counted, self._events = scan, events

    async def _do(self, step: Step) -> None:
        """Take a step of recovery; raise `LinkDown`."""
        if step is Step.SCAN:  # no controller that lives leaves it unanswered
            before = self._hci.events(self._hold.name)
            await self._hold.scan_anew()
            self._asked = None if before is None else (before, time.monotonic())
        elif step is Step.POWER:
            await self._hold.cycle_power()
            self._asked = None  # to be switched on it must answer
        else:
            self._ask(_ASKED[step])
            if self._trouble == "no_bluez":
                await _activate()
        self._events = None  # what the controller answers to this is no advert

    def _ask(self, what: str) -> None:
        """Leave a request for what we have no right to, whole or not at all."""
        fresh = self._request.with_suffix(".new")
        try:
            fresh.write_text(f"{self._hold.name} {what}\n", encoding="ascii")
            fresh.replace(self._request)
        except OSError:
            self.counts["not_asked"] += 1
