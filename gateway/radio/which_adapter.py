"""Which adapter is ours: one that was unplugged comes back under another name, hci1 for hci0."""

from gateway.radio import LinkDown
from gateway.radio.bluez import Adapter, Bluez

# So long an adapter is looked for by its address before another one under its name is taken.
OTHER_AFTER_S = 30.0


class Which:
    """Finds the adapter that was configured by its name or address; once known, by its address."""

    def __init__(self, wanted: str) -> None:
        """Take a name, hci0, or an address."""
        by_address = ":" in wanted
        self.name = "hci0" if by_address else wanted  # as it was seen last
        self._wanted = None if by_address else wanted
        self._address = wanted if by_address else ""
        self._seen: float | None = None

    async def find(self, bluez: Bluez, now: float) -> Adapter:
        """Return it; raise `LinkDown`, no_adapter where it is not there."""
        found = await self._at_its_place(bluez) or await self._elsewhere(bluez, now)
        if found is None:
            raise LinkDown("no_adapter")
        self.name, self._address, self._seen = found.name, found.address, now
        return found

    async def _at_its_place(self, bluez: Bluez) -> Adapter | None:
        """Look where it was last: nearly always it still is."""
        try:
            adapter = await bluez.adapter(f"/org/bluez/{self.name}")
        except LinkDown as down:
            if down.reason != "no_adapter":
                raise
            return None
        return adapter if self._address in ("", adapter.address) else None

    async def _elsewhere(self, bluez: Bluez, now: float) -> Adapter | None:
        adapters = await bluez.adapters()
        for adapter in adapters:
            if adapter.address == self._address:
                return adapter
        if self._wanted is None or (self._seen is not None and now - self._seen < OTHER_AFTER_S):
            return None
        return next((one for one in adapters if one.name == self._wanted), None)
