"""Events that a broker refuses while it takes others: left alone for a while, never dropped. Pure."""

from collections.abc import Iterable

from gateway.disk.outbox_rows import Row

FOR_S = 10.0


class Held:
    """Which events wait, and until when (seconds of the caller's clock)."""

    def __init__(self) -> None:
        """Hold none."""
        self._until: dict[str, float] = {}

    def __len__(self) -> int:
        """Return how many are held."""
        return len(self._until)

    def hold(self, event: str, now_s: float) -> None:
        """Leave an event alone for ten seconds."""
        self._until[event] = now_s + FOR_S

    def release(self, event: str) -> bool:
        """Know that an event was taken; say whether it was the last that was held."""
        return self._until.pop(event, None) is not None and not self._until

    def due(self, rows: Iterable[Row], now_s: float) -> list[Row]:
        """Return the rows that may be sent now."""
        return [row for row in rows if self._until.get(row.event, now_s) <= now_s]

    def keep(self, rows: Iterable[Row]) -> bool:
        """Forget what is not among `rows`, all that wait; say whether that was the last."""
        gone = self._until.keys() - {row.event for row in rows}
        for event in gone:
            del self._until[event]
        return bool(gone) and not self._until
