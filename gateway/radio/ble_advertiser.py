"""Answers on air by an adapter: adverts registered with BlueZ, and taken back in time.

broadcast    cannot be connected to. Linux sets a new random address for each, which a controller without
             extended advertising refuses while it scans (Core 7.8.4): that of a Raspberry Pi does.
peripheral   can be connected to while it is on air. It bears the adapter's own address.

So the first is for controllers with extended advertising (`SupportedSecondaryChannels`), the other one
for the rest. Our devices read an answer whatever its Flags: BlueZ sets none in a broadcast and 04 in
the other (SPEC 8).

BlueZ's own interval is 1.28 s, too long for a device that listens for a second: 20 ms are asked for.
BlueZ tells nobody what is really sent; what is shown is what was asked for and not refused. A kernel
before 5.11 ignores it.
"""

import asyncio
import itertools
import time
from collections import Counter
from typing import Annotated

from dbus_fast import PropertyAccess, Variant
from dbus_fast.annotations import DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from gateway.radio import LinkDown
from gateway.radio.bluez import ADVERTISING, Adapter, Bluez, Offers
from gateway.radio.turns import Turns
from protocol.constants import COMPANY_ID

Form = tuple[str, tuple[int, int] | None]

_QUICK_MS = (20, 30)  # SPEC 8
# What to ask for, and what next where that is refused: a type and an interval, None as BlueZ likes.
_FORMS: tuple[Form, ...] = (("peripheral", _QUICK_MS), ("peripheral", None))
_EXTENDED: tuple[Form, ...] = (("broadcast", _QUICK_MS), *_FORMS)
_NOT_NOW_S = 0.2
_PATHS = 256


class Advertiser:
    """What is to be on air, and what is. `counts` are those of the radio."""

    def __init__(self, root: str, counts: Counter[str]) -> None:
        """Begin without an adapter; `root` is the place of our objects on D-Bus."""
        self._root = root
        self._counts = counts
        self._turns = Turns()
        self._work = asyncio.Event()
        self._numbers = itertools.cycle(range(_PATHS))
        self._on_air: dict[bytes, str] = {}
        self._bluez: Bluez | None = None
        self._adapter: Adapter | None = None
        self._room = 0
        self._forms = _FORMS
        self._form = 0

    def status(self) -> dict[str, object]:
        """Return how many adverts are sent at once, and at which interval, ms, 0 where BlueZ chooses."""
        kind, asked = self._forms[self._form]
        interval_ms = asked[0] if asked else 0
        return {"adverts": self._room, "advert_type": kind, "advert_ms": interval_ms}

    def begin(self, bluez: Bluez, adapter: Adapter, offers: Offers) -> None:
        """Send by `adapter` from now on; what was on air is not any more."""
        self.end()
        self._bluez, self._adapter = bluez, adapter
        self._room = offers.at_once if offers.adverts else 0
        self._forms = _EXTENDED if offers.extended else _FORMS
        self._form = 0
        self._work.set()

    def end(self) -> None:
        """Send nothing until `begin`: BlueZ, or the adapter, has let go."""
        if self._bluez is not None and self._bluez.connected:
            for path in self._on_air.values():
                self._bluez.unexport(path)
        self._on_air.clear()
        self._bluez = self._adapter = None
        self._room = 0

    def put(self, slot: int, frame: bytes, seconds: float, *, urgent: bool) -> None:
        """Put a frame on air for so long."""
        end = self._turns.put(slot, frame, seconds, time.monotonic(), urgent=urgent)
        if end:
            self._counts[end] += 1
        self._work.set()

    async def run(self) -> None:
        """Keep on air what should be, for ever."""
        while True:
            self._work.clear()
            wait_s = await self._change()
            try:
                async with asyncio.timeout(wait_s):
                    await self._work.wait()
            except TimeoutError:
                continue

    async def _change(self) -> float | None:
        """Take off and put on; return when to look again, None: when there is something new."""
        bluez, adapter = self._bluez, self._adapter
        if bluez is None or adapter is None or not self._room:
            return None
        wanted = self._turns.on_air(self._room, time.monotonic())
        try:
            for frame in [frame for frame in self._on_air if frame not in wanted]:
                await self._take_off(bluez, adapter, frame)
            for frame in [frame for frame in wanted if frame not in self._on_air]:
                await self._put_on(bluez, adapter, frame)
        except LinkDown as down:
            self._counts["advert_failed"] += 1
            self._yield_to(down.reason)
            return _NOT_NOW_S
        return self._turns.wait_s(self._room, time.monotonic())

    async def _put_on(self, bluez: Bluez, adapter: Adapter, frame: bytes) -> None:
        path = f"{self._root}/advert{next(self._numbers)}"
        bluez.export(path, _advert(frame, *self._forms[self._form]))
        try:
            called = f"{ADVERTISING}.RegisterAdvertisement"
            await bluez.call(adapter.path, called, "oa{sv}", path, {})
        except LinkDown:
            bluez.unexport(path)
            raise
        if bluez is self._bluez:
            self._on_air[frame] = path
            self._counts["sent"] += 1

    async def _take_off(self, bluez: Bluez, adapter: Adapter, frame: bytes) -> None:
        path = self._on_air.pop(frame)
        try:
            await bluez.call(adapter.path, f"{ADVERTISING}.UnregisterAdvertisement", "o", path)
        except LinkDown as down:
            if down.reason != "does_not_exist":
                raise
        finally:
            if bluez.connected:
                bluez.unexport(path)

    def _yield_to(self, reason: str) -> None:
        """Ask for less than what was refused; where nothing is taken, for the best again."""
        if reason == "not_permitted" and self._on_air:
            self._room = len(self._on_air)
        elif reason == "failed":
            self._form = (self._form + 1) % len(self._forms)


class _Advert(ServiceInterface):
    """org.bluez.LEAdvertisement1, which bluetoothd reads."""

    def __init__(self, frame: bytes, kind: str) -> None:
        super().__init__("org.bluez.LEAdvertisement1")
        self._frame = frame
        self._kind = kind

    @dbus_method(name="Release")
    def release(self) -> None:
        """Know that BlueZ has let go: of its own accord it does so when the adapter goes."""

    @dbus_property(PropertyAccess.READ, name="Type")
    def kind(self) -> DBusStr:
        return self._kind

    @dbus_property(PropertyAccess.READ, name="ManufacturerData")
    def manufacturer_data(self) -> Annotated[dict[int, Variant], DBusSignature("a{qv}")]:
        return {COMPANY_ID: Variant("ay", self._frame)}


class _QuickAdvert(_Advert):
    """The same with an interval, which must not be there at all where there is none."""

    def __init__(self, frame: bytes, kind: str, interval_ms: tuple[int, int]) -> None:
        super().__init__(frame, kind)
        self._from_ms, self._to_ms = interval_ms

    @dbus_property(PropertyAccess.READ, name="MinInterval")
    def min_interval(self) -> DBusUInt32:
        return self._from_ms

    @dbus_property(PropertyAccess.READ, name="MaxInterval")
    def max_interval(self) -> DBusUInt32:
        return self._to_ms


def _advert(frame: bytes, kind: str, interval_ms: tuple[int, int] | None) -> _Advert:
    return _QuickAdvert(frame, kind, interval_ms) if interval_ms else _Advert(frame, kind)
