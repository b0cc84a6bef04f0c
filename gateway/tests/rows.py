"""Rows that wait, and what becomes of them: stands for outbox and path in the tests of ways out."""

import asyncio

from gateway.disk.outbox_rows import Row
from gateway.events import Delivered, Event, Fault, Restore

ID = "ab" * 16


def row(number: int, name: str = "tocsin.alert.raised", **data: object) -> Row:
    """Return an event of an incident of its own."""
    subject = f"{number:032x}"
    told = {
        "incident": subject,
        "device": "button-01",
        "label": "Dr Noémie",
        "place": "reception",
        "kind": "panic",
        "state": "open",
        "opened_at": 1_000.0,
        "silent": False,
    }
    return Row(number, f"{subject}.1", subject, name, 1_000.0, subject, 1, told | data)


class Rows:
    """Rows go once they are delivered; what is posted is kept."""

    def __init__(self) -> None:
        self.waiting: list[Row] = []
        self.posted: list[Event] = []
        self.result = "done"
        self._wake = asyncio.Event()

    @property
    def delivered(self) -> list[Delivered]:
        return [event for event in self.posted if isinstance(event, Delivered)]

    @property
    def wrong(self) -> dict[str, str]:
        """The faults that stand, and why."""
        standing: dict[str, str] = {}
        for event in self.posted:
            match event:
                case Fault():
                    standing[event.code] = event.why
                case Restore():
                    standing.pop(event.code, None)
        return standing

    def add(self, *rows: Row) -> None:
        self.waiting += rows
        self._wake.set()

    async def rows(self, limit: int) -> list[Row]:
        self._wake.clear()
        first = {one.subject: one for one in reversed(self.waiting)}
        return list(first.values())[:limit]

    async def changed(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            return

    def confirmed(self, row: Row, at: float, settled: asyncio.Future[str] | None) -> None:
        self.waiting.remove(row)

    def post(self, event: Event, /) -> asyncio.Future[str]:
        self.posted.append(event)
        settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        settled.set_result(self.result)
        return settled
