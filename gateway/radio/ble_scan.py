"""Hearing by an adapter: a passive scan where BlueZ offers one, else an active one.

passive   An advertisement monitor for our company identifier: the kernel scans without a break, bluetoothd
          drops what is foreign. It takes `bluetoothd --experimental`.
active    A discovery. Linux ends it after 10 s and bluetoothd begins it anew after 5 s: a third of the time
          nothing is heard. Every foreign advert comes over D-Bus, too, and is counted.

BlueZ makes no device of an advert without Flags in some of its modes: our devices send them first (SPEC
8).

bleak scans. What it does not tell is whether bluetoothd has taken its monitor, and whether it has
dropped it since (hbldh/bleak#1136): a monitor of our own for the same adverts is told so. It is also
told of each repeat of an advert, where bleak is told of new bytes alone: a device that repeats its
question is answered again.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Protocol

from bleak import BleakScanner
from bleak.args.bluez import BlueZScannerArgs
from bleak.backends.bluezdbus.scanner import BleakScannerBlueZDBus
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDBusError, BleakError
from dbus_fast.errors import DBusFastError

from gateway.radio import LinkDown
from gateway.radio.ble_monitor import COMPANY, Monitor
from gateway.radio.bluez import CALL_S, MONITORS, Adapter, Bluez, reason_of
from protocol.constants import COMPANY_ID, FRAME_MAX, FRAME_MIN

ACTIVATED_WITHIN_S = 2.0
REPEAT_EVERY_S = 0.2
ASKED_AFTER_S = 0.05  # what bleak is told comes by another connection
UNTOLD_MOST = 8
_REPEATERS = 256  # devices on air at once whose repeats are known
for _library in ("bleak", "dbus_fast"):
    logging.getLogger(_library).setLevel(
        logging.CRITICAL
    )  # what they have to say is a fault of ours


class Hears(Protocol):
    """Where adverts go."""

    def frame(self, frame: bytes, rssi: int) -> None:
        """Take a frame in our format, received with `rssi` dBm."""

    def foreign(self) -> None:
        """Count an advert of others."""


class Scan:
    """One scan by `adapter`, begun and ended once."""

    def __init__(self, bluez: Bluez, adapter: Adapter, place: str, hears: Hears) -> None:
        """Begin nothing yet; `place` is that of our monitor on D-Bus."""
        self.passive = False
        self._bluez = bluez
        self.adapter = adapter
        self._place = place
        self._hears = hears
        self._monitor: Monitor | None = None
        self._scanner: BleakScanner | None = None
        self._last: OrderedDict[str, tuple[bytes, int, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._untold = 0

    @property
    def dropped(self) -> bool:
        """Say whether a passive scan is over: bluetoothd has let go, or tells our monitor and not bleak."""
        released = self._monitor is not None and self._monitor.released
        return released or self._untold >= UNTOLD_MOST

    async def start(self, *, passive: bool) -> None:
        """Begin to hear, passively where that is wanted and works; raise `LinkDown`."""
        self.passive = passive and await self._watch()
        scanner = BleakScanner(
            self._heard,
            scanning_mode="passive" if self.passive else "active",
            bluez=self._arguments(),
            backend=_Forgetful,
        )
        await _in_time(scanner.start())
        self._scanner = scanner

    async def stop(self, within_s: float = CALL_S) -> None:
        """End, as far as BlueZ answers `within_s`."""
        for task in self._asking.values():
            task.cancel()
        if self._scanner is not None:
            with suppress(LinkDown):
                await _in_time(self._scanner.stop(), within_s)
        await self._unwatch()

    def _arguments(self) -> BlueZScannerArgs:
        if self.passive:
            return {"adapter": self.adapter.name, "or_patterns": [COMPANY]}
        # Each advert of a device counts, not only those that differ from the one before.
        return {"adapter": self.adapter.name, "filters": {"DuplicateData": True}}

    async def _watch(self) -> bool:
        """Register our monitor; say whether bluetoothd has taken it."""
        self._monitor = monitor = Monitor(self._seen_again)
        try:
            await self._bluez.call(
                self.adapter.path, f"{MONITORS}.RegisterMonitor", "o", self._place
            )
            # It must not be there before: BlueZ asks for what comes after.
            self._bluez.export(self._place, monitor)
            async with asyncio.timeout(ACTIVATED_WITHIN_S):
                await monitor.told.wait()
        except LinkDown as down:
            if down.reason not in _NOT_PASSIVE:
                raise
        except TimeoutError:
            pass
        if monitor.active:
            return True
        await self._unwatch()
        return False

    async def _unwatch(self) -> None:
        if self._monitor is None:
            return
        self._monitor = None
        if not self._bluez.connected:
            return
        self._bluez.unexport(self._place)
        with suppress(LinkDown):
            await self._bluez.call(
                self.adapter.path, f"{MONITORS}.UnregisterMonitor", "o", self._place
            )

    def _heard(self, device: BLEDevice, advert: AdvertisementData) -> None:
        data = advert.manufacturer_data.get(COMPANY_ID)
        self._untold = 0
        if self.passive:
            self._take(device.details["path"], data or b"", advert.rssi)
        elif data is not None and FRAME_MIN <= len(data) <= FRAME_MAX:
            self._hears.frame(data, advert.rssi)
        else:
            self._hears.foreign()

    def _take(self, path: str, data: bytes, rssi: int) -> None:
        """Take what the device at `path` sends now, and remember it."""
        frame = data if FRAME_MIN <= len(data) <= FRAME_MAX else b""
        self._last[path] = frame, rssi, time.monotonic()
        self._last.move_to_end(path)
        if len(self._last) > _REPEATERS:
            self._last.popitem(last=False)
        if frame:
            self._hears.frame(frame, rssi)
        else:
            self._hears.foreign()

    def _seen_again(self, path: str) -> None:
        """Take a repeat: the same bytes, for new ones come by `_heard`."""
        known = self._last.get(path)
        if known is None:
            if path not in self._asking and len(self._asking) < _REPEATERS:
                self._asking[path] = asyncio.create_task(self._ask(path))
        elif time.monotonic() - known[2] >= REPEAT_EVERY_S:
            self._take(path, *known[:2])

    async def _ask(self, path: str) -> None:
        """Ask for the bytes of a device that BlueZ knew before: bleak is told of new ones alone."""
        try:
            await asyncio.sleep(ASKED_AFTER_S)
            if path in self._last:
                return
            self._untold += 1
            told = await self._bluez.manufacturer_data(path, COMPANY_ID)
            if path not in self._last:
                self._take(path, *told)
        except LinkDown:  # it has gone, or the next look tells
            return
        finally:
            del self._asking[path]


# RegisterMonitor of a BlueZ that has none, or of a kernel that takes none.
_NOT_PASSIVE = ("not_offered", "not_supported", "invalid_arguments", "failed")


class _Forgetful(BleakScannerBlueZDBus):
    """bleak keeps each device that it has seen: with random addresses, for ever more of them."""

    def create_or_update_device(
        self,
        key: str,  # noqa: ARG002 - the form is bleak's
        address: str,
        name: str | None,
        details: Any,  # noqa: ANN401
        adv: AdvertisementData,  # noqa: ARG002
    ) -> BLEDevice:
        return BLEDevice(address, name, details)


async def _in_time(work: Awaitable[None], within_s: float = CALL_S) -> None:
    """Do what bleak does without a limit of time; raise `LinkDown`."""
    try:
        async with asyncio.timeout(within_s):
            await work
    except TimeoutError:
        raise LinkDown("hung") from None
    except BleakDBusError as error:
        raise LinkDown(reason_of(error.dbus_error)) from error
    except BleakError as error:  # no such adapter, no monitors
        raise LinkDown("refused") from error
    except (OSError, EOFError, DBusFastError) as error:
        raise LinkDown("no_dbus") from error
