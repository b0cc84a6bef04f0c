"""BlueZ over D-Bus: calls that end in time, and what of its adapters the gateway needs to know.

What may go wrong with a call has a short reason: no_dbus, no_permission, no_bluez, no_adapter, hung (no
answer in time), not_offered (an interface that this BlueZ or this kernel has not), and those that BlueZ
itself gives: not_ready, in_progress, failed, not_permitted, ... (org.bluez.Error).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from dbus_fast import AuthError, BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError
from dbus_fast.service import ServiceInterface

from gateway.radio import LinkDown

BLUEZ = "org.bluez"
ADAPTER = "org.bluez.Adapter1"
ADVERTISING = "org.bluez.LEAdvertisingManager1"
MONITORS = "org.bluez.AdvertisementMonitorManager1"
CALL_S = 5.0
POWER_S = 12.0
_UNKNOWN_DBM = -127

_DBUS = "org.freedesktop.DBus"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_REASONS = {
    f"{_DBUS}.Error.ServiceUnknown": "no_bluez",
    f"{_DBUS}.Error.NameHasNoOwner": "no_bluez",
    f"{_DBUS}.Error.NoReply": "hung",
    f"{_DBUS}.Error.AccessDenied": "no_permission",
    f"{_DBUS}.Error.UnknownObject": "no_adapter",
    f"{_DBUS}.Error.UnknownMethod": "not_offered",
    f"{_DBUS}.Error.UnknownInterface": "not_offered",
    f"{_DBUS}.Error.InvalidArgs": "not_offered",  # GetAll of an interface that is not there
}


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter as BlueZ sees it. `blocked`: by rfkill, as far as BlueZ (5.65) tells."""

    path: str
    address: str
    powered: bool
    blocked: bool
    discovering: bool

    @property
    def name(self) -> str:
        """Return hci0."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Offers:
    """What BlueZ offers for an adapter: passive scans; so many adverts, `offloaded` to its controller.

    `extended`: the controller has extended advertising, and so an address for each advert.
    """

    passive: bool
    adverts: int
    offloaded: bool
    extended: bool

    @property
    def at_once(self) -> int:
        """Return how many adverts to have on air: Linux takes turns of 2 s where the controller has one."""
        return max(self.adverts, 1) if self.offloaded else 1


class _Bus(MessageBus):
    """Where the bus goes while objects are offered there, dbus-fast says goodbye on a closed socket."""

    # As its class has it, and not as the base of that.
    def send(self, msg: Message) -> asyncio.Future[None]:  # type: ignore[override]
        sent: asyncio.Future[None] = super().send(msg)
        sent.add_done_callback(_look_at)
        return sent


class Bluez:
    """A connection to the system's D-Bus. Every wait ends; what fails raises `LinkDown`."""

    def __init__(self, bus: MessageBus) -> None:
        """Take a connection that stands."""
        self._bus = bus
        self._over = asyncio.create_task(_until_over(bus))

    @classmethod
    async def open(cls) -> "Bluez":
        """Connect; raise `LinkDown`: no_dbus or no_permission."""
        try:
            async with asyncio.timeout(CALL_S):
                return cls(await _Bus(bus_type=BusType.SYSTEM, auth_timeout=CALL_S).connect())
        except (AuthError, PermissionError) as error:
            raise LinkDown("no_permission") from error
        except (OSError, EOFError, TimeoutError, DBusFastError) as error:
            raise LinkDown("no_dbus") from error

    @property
    def connected(self) -> bool:
        """Say whether the connection still stands."""
        return self._bus.connected

    def close(self) -> None:
        """Let go: BlueZ forgets our adverts and monitors by itself."""
        self._bus.disconnect()

    def export(self, path: str, interface: ServiceInterface) -> None:
        """Offer an object that BlueZ asks."""
        self._bus.export(path, interface)

    def unexport(self, path: str) -> None:
        """Offer it no more."""
        self._bus.unexport(path)

    async def call(
        self,
        path: str,
        member: str,
        signature: str = "",
        *body: object,
        to: str = BLUEZ,
        within_s: float | None = None,
    ) -> list[object]:
        """Call `interface.member`; return the body of the answer; raise `LinkDown`."""
        interface, _, name = member.rpartition(".")
        message = Message(
            destination=to,
            path=path,
            interface=interface,
            member=name,
            signature=signature,
            body=list(body),
            flags=MessageFlag.NO_AUTOSTART,
        )
        try:
            async with asyncio.timeout(CALL_S if within_s is None else within_s):
                reply = await self._bus.call(message)
        except TimeoutError:
            raise LinkDown("hung") from None
        except (OSError, EOFError, DBusFastError) as error:
            raise LinkDown("no_dbus") from error
        if reply.message_type is MessageType.ERROR:
            raise LinkDown(reason_of(reply.error_name or ""))
        return list(reply.body)

    async def properties(self, path: str, interface: str) -> dict[str, object]:
        """Return all properties of an interface; raise `LinkDown`."""
        (found,) = await self.call(path, f"{_PROPERTIES}.GetAll", "s", interface)
        return _plain(found)

    async def owner(self) -> str:
        """Return who is BlueZ: another name after each start of bluetoothd; raise `LinkDown`."""
        called = f"{_DBUS}.GetNameOwner"
        (name,) = await self.call("/org/freedesktop/DBus", called, "s", BLUEZ, to=_DBUS)
        return str(name)

    async def start(self) -> None:
        """Have D-Bus start bluetoothd, where it may be activated; raise `LinkDown`."""
        called = f"{_DBUS}.StartServiceByName"
        await self.call("/org/freedesktop/DBus", called, "su", BLUEZ, 0, to=_DBUS)

    async def adapters(self) -> list[Adapter]:
        """Return those there are; raise `LinkDown`.

        Not by GetManagedObjects: its answer holds every device that was heard lately.
        """
        called = "org.freedesktop.DBus.Introspectable.Introspect"
        (found,) = await self.call("/org/bluez", called)
        names = re.findall(r'<node name="(hci\d+)"', str(found))
        return [await self.adapter(f"/org/bluez/{name}") for name in names]

    async def adapter(self, path: str) -> Adapter:
        """Return the adapter at `path`; raise `LinkDown`."""
        try:
            known = await self.properties(path, ADAPTER)
        except LinkDown as down:
            raise LinkDown("no_adapter" if down.reason == "not_offered" else down.reason) from None
        return Adapter(
            path,
            str(known.get("Address", "")),
            powered=known.get("Powered") is True,
            blocked=known.get("PowerState") == "off-blocked",
            discovering=known.get("Discovering") is True,
        )

    async def manufacturer_data(self, path: str, company: int) -> tuple[bytes, int]:
        """Return what a device sent last for `company`, b"" for nothing, and with how many dBm.

        Raises `LinkDown`.
        """
        known = await self.properties(path, "org.bluez.Device1")
        data, rssi = known.get("ManufacturerData"), known.get("RSSI")
        sent = _plain(data).get(str(company))
        dbm = rssi if isinstance(rssi, int) else _UNKNOWN_DBM
        return (bytes(sent) if isinstance(sent, bytes | bytearray) else b"", dbm)

    async def power(self, adapter: Adapter, *, on: bool) -> None:
        """Switch an adapter on or off; raise `LinkDown`."""
        value = Variant("b", on)
        body = (ADAPTER, "Powered", value)
        called = f"{_PROPERTIES}.Set"
        await self.call(adapter.path, called, "ssv", *body, within_s=POWER_S)

    async def offers(self, adapter: Adapter) -> Offers:
        """Return what can be done with an adapter; raise `LinkDown`."""
        monitors = await self._properties_if_offered(adapter.path, MONITORS)
        adverts = await self._properties_if_offered(adapter.path, ADVERTISING)
        kinds, features = monitors.get("SupportedMonitorTypes"), adverts.get("SupportedFeatures")
        free, taken = adverts.get("SupportedInstances"), adverts.get("ActiveInstances")
        return Offers(
            passive=isinstance(kinds, list) and "or_patterns" in kinds,
            adverts=sum(count for count in (free, taken) if isinstance(count, int)),
            offloaded=isinstance(features, list) and "HardwareOffload" in features,
            extended=bool(adverts.get("SupportedSecondaryChannels")),
        )

    async def _properties_if_offered(self, path: str, interface: str) -> dict[str, object]:
        try:
            return await self.properties(path, interface)
        except LinkDown as down:
            if down.reason != "not_offered":
                raise
            return {}


def _look_at(sent: asyncio.Future[None]) -> None:
    """Take notice of what became of it: what matters is called, and fails there."""
    if not sent.cancelled():
        sent.exception()


async def _until_over(bus: MessageBus) -> None:
    """See how it ends, so that nobody else is told: the next call fails."""
    ends: Callable[[], Awaitable[None]] = bus.wait_for_disconnect
    with suppress(OSError, EOFError, DBusFastError):
        await ends()


def reason_of(error: str) -> str:
    """Return the reason for the name of a D-Bus error."""
    if error.startswith("org.bluez.Error."):
        return re.sub(r"(?<!^)(?=[A-Z])", "_", error.rpartition(".")[2]).lower()
    if error.startswith(f"{_DBUS}.Error.Spawn"):
        return "no_bluez"
    return _REASONS.get(error, "refused")


def _plain(table: object) -> dict[str, object]:
    """Return a table of variants without them."""
    if not isinstance(table, Mapping):
        return {}
    return {
        str(name): one.value if isinstance(one, Variant) else one for name, one in table.items()
    }
