"""A system D-Bus of our own with a stand-in for bluetoothd, as its documents and sources describe it.

It has adapters that can be pulled, switched off, blocked or hang; passes on adverts as a scan would;
takes our adverts as far as its controller can; and forgets what a client has registered when that goes.
"""

import asyncio
import itertools
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType, Variant, unpack_variants
from dbus_fast.aio import MessageBus

COMPANY = 0xFFFF
_ADAPTER = "org.bluez.Adapter1"
_DEVICE = "org.bluez.Device1"
_ADVERTISING = "org.bluez.LEAdvertisingManager1"
_MONITORS = "org.bluez.AdvertisementMonitorManager1"
_MONITOR = "org.bluez.AdvertisementMonitor1"
_ADVERT = "org.bluez.LEAdvertisement1"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_OBJECTS = "org.freedesktop.DBus.ObjectManager"
_UNKNOWN = "org.freedesktop.DBus.Error.UnknownObject"
_NO_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
_INVALID = "org.freedesktop.DBus.Error.InvalidArgs"
_CONF = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


class PrivateBus:
    """A dbus-daemon for one test."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix:path={folder}/bus"
        self._conf = folder / "bus.conf"
        self._conf.write_text(_CONF.format(socket=folder / "bus"), encoding="utf-8")
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["dbus-daemon", "--nofork", f"--config-file={self._conf}", "--print-address=1"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class FakeAdapter:
    """`least_ms`: the shortest interval the controller takes; 0 `instances`: none can be sent.

    `extended`: it has an address for each advert, and so may set one while it scans.
    """

    address: str = "DC:A6:32:00:00:01"
    powered: bool = True
    blocked: bool = False
    monitors: bool = True
    takes_monitors: bool = True
    offloads: bool = False
    extended: bool = False
    instances: int = 5
    least_ms: int = 20
    deaf: bool = False
    discovering: set[str] = field(default_factory=set)
    watching: dict[tuple[str, str], Any] = field(default_factory=dict)  # patterns once active
    on_air: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    devices: dict[str, bytes] = field(default_factory=dict)

    def properties(self, interface: str) -> dict[str, Variant] | None:
        if interface == _ADAPTER:
            state = "off-blocked" if self.blocked else "on" if self.powered else "off"
            return {
                "Address": Variant("s", self.address),
                "Powered": Variant("b", self.powered),
                "PowerState": Variant("s", state),
                "Discovering": Variant("b", bool(self.discovering)),
                "Roles": Variant("as", ["central", "peripheral"]),
            }
        if interface == _ADVERTISING and self.instances:
            known = {
                "ActiveInstances": Variant("y", len(self.on_air)),
                "SupportedInstances": Variant("y", self.instances - len(self.on_air)),
                "SupportedFeatures": Variant("as", ["HardwareOffload"] if self.offloads else []),
            }
            if self.extended:
                known["SupportedSecondaryChannels"] = Variant("as", ["1M", "2M"])
            return known
        if interface == _MONITORS and self.monitors:
            return {"SupportedMonitorTypes": Variant("as", ["or_patterns"])}
        return None

    def obey(self, member: str, client: str, *body: Any) -> str:
        """Do what `client` asks; return the name of an error, or ""."""
        error = ""
        match member:
            case "SetDiscoveryFilter":
                pass
            case "StartDiscovery":
                error = self._discover(client)
            case "StopDiscovery":
                error = "" if client in self.discovering else "org.bluez.Error.Failed"
                self.discovering.discard(client)
            case "RegisterMonitor" if self.monitors:
                self.watching[client, body[0]] = None
            case "UnregisterMonitor" if self.monitors:
                error = _end(self.watching, client, body[0])
            case "UnregisterAdvertisement" if self.instances:
                error = _end(self.on_air, client, body[0])
            case _:
                error = _NO_METHOD
        return error

    def _discover(self, client: str) -> str:
        if not self.powered:
            return "org.bluez.Error.NotReady"
        if client in self.discovering:
            return "org.bluez.Error.InProgress"
        self.discovering.add(client)
        return ""

    def takes(self, advert: Mapping[str, Any]) -> bool:
        """Say whether the controller takes an advert."""
        scans = bool(self.discovering or any(self.watching.values()))
        new_address = advert.get("Type") == "broadcast" and not self.extended
        quick = advert.get("MinInterval", 1280) < self.least_ms
        return self.powered and not quick and not (new_address and scans)

    def forget(self, client: str) -> None:
        self.discovering.discard(client)
        for table in (self.watching, self.on_air):
            for key in [key for key in table if key[0] == client]:
                del table[key]

    def off(self) -> None:
        self.powered = False
        self.discovering.clear()
        self.on_air.clear()


class FakeBluez:
    """bluetoothd. `hangs`: it answers nothing; `denied`: D-Bus lets nobody talk to it."""

    def __init__(self, address: str) -> None:
        self.adapters: dict[str, FakeAdapter] = {"hci0": FakeAdapter()}
        self.hangs = False
        self.denied = False
        self.failing: dict[str, str] = {}  # the error that a method answers, by its name
        self.calls: Counter[str] = Counter()
        self._address = address
        self._bus: MessageBus | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)

    @property
    def bus(self) -> MessageBus:
        assert self._bus is not None
        return self._bus

    async def start(self) -> None:
        """Come up with nothing registered: what clients had registered died with the last one."""
        for adapter in self.adapters.values():
            adapter.discovering.clear()
            adapter.watching.clear()
            adapter.on_air.clear()
            adapter.devices.clear()
        self._bus = await MessageBus(bus_address=self._address).connect()
        for rule in ("member=InterfacesAdded", "member=NameOwnerChanged"):
            await self._bus.call(_to_daemon("AddMatch", "s", f"type='signal',{rule}"))
        self._bus.add_message_handler(self._take)
        await self._bus.request_name("org.bluez")

    def stop(self) -> None:
        """Die without a word, as by kill -9."""
        for task in self._tasks:
            task.cancel()
        self.bus.disconnect()
        self._bus = None

    def pull(self, name: str) -> FakeAdapter:
        """Take an adapter away."""
        adapter = self.adapters.pop(name)
        adapter.off()
        adapter.watching.clear()
        body: list[Any] = [f"/org/bluez/{name}", [_ADAPTER, _ADVERTISING, _MONITORS]]
        self.bus.send(Message.new_signal("/", _OBJECTS, "InterfacesRemoved", "oas", body))
        return adapter

    def plug(self, name: str, adapter: FakeAdapter) -> None:
        """Put an adapter in."""
        self.adapters[name] = adapter
        body: list[Any] = [f"/org/bluez/{name}", _interfaces(adapter)]
        self.bus.send(Message.new_signal("/", _OBJECTS, "InterfacesAdded", "oa{sa{sv}}", body))

    def heard(
        self, address: str, data: bytes, rssi: int = -60, name: str = "hci0", company: int = COMPANY
    ) -> None:
        """Hear an advert of `address` with manufacturer data, where a scan of the adapter would."""
        adapter = self.adapters[name]
        raw = company.to_bytes(2, "little") + data
        matched = [
            key
            for key, patterns in adapter.watching.items()
            if any(kind == 0xFF and raw[at:].startswith(bytes(p)) for at, kind, p in patterns or ())
        ]
        if adapter.deaf or not adapter.powered or not (matched or adapter.discovering):
            return
        path = f"/org/bluez/{name}/dev_{address.replace(':', '_')}"
        if address not in adapter.devices:
            self._add_device(path, address, company, data, rssi)
        elif adapter.devices[address] != raw or adapter.discovering:
            self._change_device(path, company, data, rssi)
        adapter.devices[address] = raw
        for client, monitor in matched:
            self._ask(client, monitor, _MONITOR, "DeviceFound", "o", path)

    def forget(self, address: str, name: str = "hci0") -> None:
        """Let go of a device, as BlueZ does of a temporary one after 30 s."""
        del self.adapters[name].devices[address]
        body: list[Any] = [f"/org/bluez/{name}/dev_{address.replace(':', '_')}", [_DEVICE]]
        self.bus.send(Message.new_signal("/", _OBJECTS, "InterfacesRemoved", "oas", body))

    def release(self, name: str = "hci0") -> None:
        """Let go of all monitors, as after an error of the kernel."""
        for client, monitor in list(self.adapters[name].watching):
            self._ask(client, monitor, _MONITOR, "Release")
        self.adapters[name].watching.clear()

    def _add_device(self, path: str, address: str, company: int, data: bytes, rssi: int) -> None:
        known = {
            "Adapter": Variant("o", path.rpartition("/")[0]),
            "Address": Variant("s", address),
            "Alias": Variant("s", address.replace(":", "-")),
            "RSSI": Variant("n", rssi),
            "ManufacturerData": Variant("a{qv}", {company: Variant("ay", data)}),
        }
        body: list[Any] = [path, {_DEVICE: known}]
        self.bus.send(Message.new_signal("/", _OBJECTS, "InterfacesAdded", "oa{sa{sv}}", body))

    def _change_device(self, path: str, company: int, data: bytes, rssi: int) -> None:
        changed = {
            "RSSI": Variant("n", rssi),
            "ManufacturerData": Variant("a{qv}", {company: Variant("ay", data)}),
        }
        body: list[Any] = [_DEVICE, changed, []]
        signal = Message.new_signal(path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", body)
        self.bus.send(signal)

    def _take(self, message: Message) -> Message | bool | None:
        if message.message_type is MessageType.SIGNAL:
            self._take_signal(message)
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        member = message.member or ""
        self.calls[member] += 1
        if self.hangs:
            return True
        if self.denied:
            return _error(message, "org.freedesktop.DBus.Error.AccessDenied")
        return (
            _error(message, self.failing[member]) if member in self.failing else self._do(message)
        )

    def _do(self, message: Message) -> Message | bool:
        if message.interface == _OBJECTS or message.path == "/org/bluez":
            return self._tree(message)
        if "/dev_" in (message.path or ""):
            return self._device(message)
        adapter = self.adapters.get((message.path or "").rpartition("/")[2])
        if adapter is None:
            return _error(message, _UNKNOWN)
        if message.interface == _PROPERTIES:
            return self._property(message, adapter)
        if message.member == "RegisterAdvertisement" and adapter.instances:
            self._begin(self._advertise(message, adapter))
            return True
        error = adapter.obey(message.member or "", message.sender or "", *message.body)
        return _error(message, error) if error else Message.new_method_return(message)

    def _device(self, message: Message) -> Message:
        name, _, address = (message.path or "").removeprefix("/org/bluez/").partition("/dev_")
        adapter = self.adapters.get(name)
        raw = adapter.devices.get(address.replace("_", ":")) if adapter else None
        if raw is None:
            return _error(message, _UNKNOWN)
        company = int.from_bytes(raw[:2], "little")
        known = {
            "RSSI": Variant("n", -77),
            "ManufacturerData": Variant("a{qv}", {company: Variant("ay", raw[2:])}),
        }
        return Message.new_method_return(message, "a{sv}", [known])

    def _property(self, message: Message, adapter: FakeAdapter) -> Message:
        if message.member == "Set":
            return self._set_power(message, adapter, on=message.body[2].value)
        known = adapter.properties(message.body[0])
        if known is None:
            return _error(message, _INVALID)
        return Message.new_method_return(message, "a{sv}", [known])

    def _set_power(self, message: Message, adapter: FakeAdapter, *, on: bool) -> Message:
        if adapter.blocked:
            return _error(message, "org.bluez.Error.Failed")
        if on:
            adapter.powered = True
        else:
            adapter.off()
        return Message.new_method_return(message)

    async def _advertise(self, message: Message, adapter: FakeAdapter) -> None:
        client, path = message.sender or "", message.body[0]
        get = Message(client, path, _PROPERTIES, "GetAll", signature="s", body=[_ADVERT])
        reply = await self.bus.call(get)
        advert = unpack_variants(reply.body[0]) if reply.body else {}
        if len(adapter.on_air) >= adapter.instances:
            self.bus.send(_error(message, "org.bluez.Error.NotPermitted"))
        elif not adapter.takes(advert) or "ManufacturerData" not in advert:
            self.bus.send(_error(message, "org.bluez.Error.Failed"))
        else:
            adapter.on_air[client, path] = advert
            adapter.sent.append(advert)
            self.bus.send(Message.new_method_return(message))

    def _take_signal(self, message: Message) -> None:
        if message.member == "NameOwnerChanged" and not message.body[2]:
            for adapter in self.adapters.values():
                adapter.forget(message.body[0])
        elif message.member == "InterfacesAdded" and _MONITOR in message.body[1]:
            path, interfaces = message.body
            for adapter in self.adapters.values():
                if (message.sender or "", path) in adapter.watching:
                    self._activate(adapter, message.sender or "", path, interfaces[_MONITOR])

    def _activate(
        self, adapter: FakeAdapter, client: str, path: str, known: Mapping[str, Variant]
    ) -> None:
        if adapter.takes_monitors and not self.hangs:
            adapter.watching[client, path] = known["Patterns"].value
            self._ask(client, path, _MONITOR, "Activate")
        else:
            self._ask(client, path, _MONITOR, "Release")

    def _tree(self, message: Message) -> Message:
        if message.interface != _OBJECTS:
            nodes = "".join(f'<node name="{name}"/>' for name in self.adapters)
            return Message.new_method_return(message, "s", [f"<node>{nodes}</node>"])
        objects = {
            f"/org/bluez/{name}": _interfaces(adapter) for name, adapter in self.adapters.items()
        }
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])

    def _ask(
        self, client: str, path: str, interface: str, member: str, signature: str = "", *body: Any
    ) -> None:
        call = Message(client, path, interface, member, signature=signature, body=list(body))
        self._begin(_forget_answer(self.bus, call))

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _end(table: dict[tuple[str, str], Any], client: str, path: str) -> str:
    if (client, path) not in table:
        return "org.bluez.Error.DoesNotExist"
    del table[client, path]
    return ""


async def _forget_answer(bus: MessageBus, call: Message) -> None:
    await bus.call(call)


def _interfaces(adapter: FakeAdapter) -> dict[str, dict[str, Variant]]:
    known = {name: adapter.properties(name) for name in (_ADAPTER, _ADVERTISING, _MONITORS)}
    return {name: properties for name, properties in known.items() if properties is not None}


def _error(message: Message, name: str) -> Message:
    return Message.new_error(message, name, name.rpartition(".")[2])


def _to_daemon(member: str, signature: str, *body: Any) -> Message:
    name = "org.freedesktop.DBus"
    return Message(name, "/org/freedesktop/DBus", name, member, signature=signature, body=[*body])
