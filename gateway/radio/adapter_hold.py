"""All that must stand for an adapter to hear and answer: D-Bus, bluetoothd, adapter, power, scan."""

import asyncio
import time
from collections import Counter

from gateway.radio import LinkDown, rfkill
from gateway.radio.ble_advertiser import Advertiser
from gateway.radio.ble_scan import Hears, Scan
from gateway.radio.bluez import Adapter, Bluez
from gateway.radio.which_adapter import Which

# An active scan pauses for 5 s by itself.
_PAUSE_S = 15.0
_LET_GO_S = 0.5


class AdapterHold:
    """One adapter, `wanted` by its name or address. `scan` is the one that runs, or None."""

    def __init__(self, wanted: str, place: str, hears: Hears, counts: Counter[str]) -> None:
        """Hold nothing yet; `place` is that of our objects on D-Bus, `counts` are the radio's."""
        self.scan: Scan | None = None
        self.advertiser = Advertiser(place, counts)
        self._which = Which(wanted)
        self._place = place
        self._hears = hears
        self._counts = counts
        self._bluez: Bluez | None = None
        self._owner = ""
        self._paused_since: float | None = None
        self._standing = asyncio.Lock()

    @property
    def name(self) -> str:
        """Return hci0, or as the adapter was called last."""
        return self._which.name

    def about(self) -> dict[str, object]:
        """Return what people may want to know."""
        if self.scan is None:
            return self.advertiser.status()
        adapter, mode = self.scan.adapter, "passive" if self.scan.passive else "active"
        known = {"adapter": adapter.name, "address": adapter.address, "scan": mode}
        return known | self.advertiser.status()

    async def stand(self) -> None:
        """Set up what is missing; raise `LinkDown` where it cannot be."""
        async with self._standing:  # two at once would both begin a scan
            await self._stand()

    async def _stand(self) -> None:
        bluez = self._bluez
        if bluez is None or not bluez.connected:
            await self.lose()
            bluez = self._bluez = await Bluez.open()
        owner = await bluez.owner()
        adapter = await self._which.find(bluez, time.monotonic())
        if owner != self._owner or not adapter.powered:
            await self._end_scan()
            self._owner = owner
        if not adapter.powered:
            await self._switch_on(bluez, adapter)
        if self.scan is None or self._has_stopped(self.scan, adapter):
            await self._begin_scan(bluez, adapter)

    async def lose(self) -> None:
        """Let go of everything, whether or not anybody answers; `stand` begins anew."""
        self.advertiser.end()
        scan, bluez = self.scan, self._bluez
        self.scan = self._bluez = None
        self._owner = ""
        if bluez is not None:
            bluez.close()
        if scan is not None:
            await scan.stop(_LET_GO_S)

    async def is_off(self) -> bool:
        """Say whether the adapter is there and switched off; raise `LinkDown`."""
        bluez = self._bluez = self._bluez or await Bluez.open()
        return not (await self._which.find(bluez, time.monotonic())).powered

    async def scan_anew(self) -> None:
        """End the scan and begin it; raise `LinkDown`."""
        await self._end_scan()
        await self.stand()

    async def cycle_power(self) -> None:
        """Switch the adapter off and on; raise `LinkDown`."""
        await self._end_scan()
        bluez = self._bluez = self._bluez or await Bluez.open()
        adapter = await self._which.find(bluez, time.monotonic())
        if adapter.powered:
            await bluez.power(adapter, on=False)
        await bluez.power(adapter, on=True)

    async def _switch_on(self, bluez: Bluez, adapter: Adapter) -> None:
        if adapter.blocked or rfkill.blocked(adapter.name):
            raise LinkDown("rfkill")
        try:
            await bluez.power(adapter, on=True)
        except LinkDown as down:
            raise LinkDown("powered_off" if down.reason == "failed" else down.reason) from None
        self._counts["switched_on"] += 1

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
        scan = Scan(bluez, adapter, f"{self._place}/monitor", self._hears)
        try:
            await scan.start(passive=offers.passive)
            self.scan, self._paused_since = scan, None
        finally:
            if self.scan is None:
                await scan.stop(_LET_GO_S)
        self.advertiser.begin(bluez, adapter, offers)

    async def _end_scan(self) -> None:
        self.advertiser.end()
        scan, self.scan = self.scan, None
        if scan is not None:
            await scan.stop()
