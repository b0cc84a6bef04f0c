"""An advertisement monitor for our company identifier: what makes Linux scan passively, without a break."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from bleak.args.bluez import OrPattern
from bleak.assigned_numbers import AdvertisementDataType
from dbus_fast import PropertyAccess
from dbus_fast.annotations import DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from protocol.constants import COMPANY_ID

COMPANY = OrPattern(
    0, AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, COMPANY_ID.to_bytes(2, "little")
)


class Monitor(ServiceInterface):
    """org.bluez.AdvertisementMonitor1, which bluetoothd calls."""

    def __init__(self, seen: Callable[[str], None]) -> None:
        """Give `seen` the path of a device for each of its adverts."""
        super().__init__("org.bluez.AdvertisementMonitor1")
        self._seen = seen
        self.told = asyncio.Event()
        self.active = False
        self.released = False

    @dbus_method(name="Activate")
    def activate(self) -> None:
        """Know that bluetoothd has taken it."""
        self.active = True
        self.told.set()

    @dbus_method(name="Release")
    def release(self) -> None:
        """Know that bluetoothd has let go of it, or never took it."""
        self.active, self.released = False, True
        self.told.set()

    @dbus_method(name="DeviceFound")
    def device_found(self, device: DBusObjectPath) -> None:
        """Take an advert."""
        self._seen(device)

    @dbus_method(name="DeviceLost")
    def device_lost(self, device: DBusObjectPath) -> None:
        """Know nothing of presence: an advert is a moment."""

    @dbus_property(PropertyAccess.READ, name="Type")
    def kind(self) -> DBusStr:
        """Return the only type there is."""
        return "or_patterns"

    @dbus_property(PropertyAccess.READ, name="Patterns")
    def patterns(self) -> Annotated[list[tuple[int, int, bytes]], DBusSignature("a(yyay)")]:
        """Return what our adverts begin with."""
        return [COMPANY]
