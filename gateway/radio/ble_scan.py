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
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, Protocol

from bleak import BleakScanner
from bleak.args.bluez import BlueZScannerArgs, OrPattern
from bleak.assigned_numbers import AdvertisementDataType
from bleak.backends.bluezdbus.scanner import BleakScannerBlueZDBus
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDBusError, BleakError
from dbus_fast import PropertyAccess
from dbus_fast.annotations import DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.errors import DBusFastError
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from gateway.radio import LinkDown
from gateway.radio.bluez import CALL_S, MONITORS, Adapter, Bluez, reason_of
from protocol.constants import COMPANY_ID, FRAME_MAX, FRAME_MIN

ACTIVATED_WITHIN_S = 2.0
REPEAT_EVERY_S = 0.2
UNTOLD_S = 3.0
_REPEATERS = 256  # devices on air at once whose repeats are known
for _library in ("bleak", "dbus_fast"):
    logging.getLogger(_library).setLevel(
        logging.CRITICAL
    )  # what they have to say is a fault of ours
_COMPANY = OrPattern(
    0, AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, COMPANY_ID.to_bytes(2, "little")
)


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
        self._monitor: _Monitor | None = None
        self._scanner: BleakScanner | None = None
        self._last: OrderedDict[str, tuple[bytes, int, float]] = OrderedDict()
        self._untold: tuple[str, float] | None = None

    @property
    def dropped(self) -> bool:
        """Say whether a passive scan is over: bluetoothd has let go, or tells our monitor and not bleak."""
        released = self._monitor is not None and self._monitor.released
        untold_s = time.monotonic() - self._untold[1] if self._untold else 0.0
        return released or untold_s >= UNTOLD_S

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
        if self._scanner is not None:
            with suppress(LinkDown):
                await _in_time(self._scanner.stop(), within_s)
        await self._unwatch()

    def _arguments(self) -> BlueZScannerArgs:
        if self.passive:
            return {"adapter": self.adapter.name, "or_patterns": [_COMPANY]}
        # Each advert of a device counts, not only those that differ from the one before.
        return {"adapter": self.adapter.name, "filters": {"DuplicateData": True}}

    async def _watch(self) -> bool:
        """Register our monitor; say whether bluetoothd has taken it."""
        self._monitor = monitor = _Monitor(self._seen_again)
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
        frame = advert.manufacturer_data.get(COMPANY_ID)
        if frame is None or not FRAME_MIN <= len(frame) <= FRAME_MAX:
            self._hears.foreign()
            return
        self._hears.frame(frame, advert.rssi)
        if self.passive:
            path = device.details["path"]
            self._last[path] = frame, advert.rssi, time.monotonic()
            if len(self._last) > _REPEATERS:
                self._last.popitem(last=False)
            if self._untold and self._untold[0] == path:
                self._untold = None

    def _seen_again(self, path: str) -> None:
        """Take a repeat: the same bytes, for new ones come by `_heard`."""
        known, now = self._last.get(path), time.monotonic()
        if known is None:
            self._untold = self._untold or (path, now)
        elif now - known[2] >= REPEAT_EVERY_S:
            self._last[path] = (*known[:2], now)
            self._hears.frame(*known[:2])


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


class _Monitor(ServiceInterface):
    """org.bluez.AdvertisementMonitor1, which bluetoothd calls."""

    def __init__(self, seen: Callable[[str], None]) -> None:
        super().__init__("org.bluez.AdvertisementMonitor1")
        self._seen = seen
        self.told = asyncio.Event()
        self.active = False
        self.released = False

    @dbus_method(name="Activate")
    def activate(self) -> None:
        self.active = True
        self.told.set()

    @dbus_method(name="Release")
    def release(self) -> None:
        self.active, self.released = False, True
        self.told.set()

    @dbus_method(name="DeviceFound")
    def device_found(self, device: DBusObjectPath) -> None:
        self._seen(device)

    @dbus_method(name="DeviceLost")
    def device_lost(self, device: DBusObjectPath) -> None:
        """Know nothing of presence: an advert is a moment."""

    @dbus_property(PropertyAccess.READ, name="Type")
    def kind(self) -> DBusStr:
        return "or_patterns"

    @dbus_property(PropertyAccess.READ, name="Patterns")
    def patterns(self) -> Annotated[list[tuple[int, int, bytes]], DBusSignature("a(yyay)")]:
        return [_COMPANY]


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
