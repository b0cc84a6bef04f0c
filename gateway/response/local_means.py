"""Switches the outputs of the annunciator as the incidents ask; where there are no pins, says so."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from gateway import pulse
from gateway.cases.incident import State
from gateway.drafts import Notice
from gateway.events import Event, Fault, Restore
from gateway.ledger import Ledger
from gateway.response import annunciator
from gateway.response.annunciator import Lit, Output, Shown
from gateway.response.pins import Pins, PinsNotAvailable

SOURCE = "annunciator"
NOT_AVAILABLE = "not_available"
RETRY_S = 60.0
# Whatever is committed wakes it; this is for a wake that was lost.
_LOOK_ANYWAY_S = 30.0
# An alert nobody has stored is sent again every 2 s at most (SPEC 7.1).
_HELD_S = 30.0


class LocalMeans:
    """The outputs of this gateway; `levels` says what is on."""

    def __init__(
        self,
        outputs: Sequence[Output],
        opens: Callable[[], Pins],
        now_s: Callable[[], float],
        post: Callable[[Event], object],
    ) -> None:
        """Take how pins are had and what tells gateway time; faults go to `post`."""
        self.levels: dict[str, bool] = {}
        self._outputs = outputs
        self._opens = opens
        self._now_s = now_s
        self._post = post
        self._wake = asyncio.Event()
        self._held: dict[str, tuple[Lit, float]] = {}  # by incident, and until when

    def wake(self) -> None:
        """Say that something was committed."""
        self._wake.set()

    def hold(self, notices: Iterable[Notice]) -> None:
        """Show alerts that the disk does not take, for as long as they are heard."""
        now_s = self._now_s()
        for notice in notices:
            if notice.urgent and notice.incident and notice.data["state"] == State.OPEN:
                lit = Lit(str(notice.data["kind"]), bool(notice.data["silent"]), State.OPEN, now_s)
                since, _ = self._held.get(notice.incident, (lit, now_s))
                self._held[notice.incident] = since, now_s + _HELD_S
                self._wake.set()

    async def run(self, ledger: Ledger) -> None:
        """Show what `ledger` asks for, for ever; pins that are lost are tried again every minute."""
        while True:
            pulse.beat()
            try:
                await self._hold(ledger)
            except PinsNotAvailable as error:
                self._post(Fault(SOURCE, NOT_AVAILABLE, time.time(), error.reason))
            await asyncio.sleep(RETRY_S)

    async def _hold(self, ledger: Ledger) -> None:
        pins = self._opens()
        self._post(Restore(SOURCE, NOT_AVAILABLE, time.time()))
        try:
            while True:
                pulse.beat()
                left_s = self._show(pins, ledger)
                await self._changed(min(left_s, _LOOK_ANYWAY_S))
        finally:
            self.levels = {}
            pins.close()

    def _show(self, pins: Pins, ledger: Ledger) -> float:
        """Switch every output; return in how many seconds that may change by itself."""
        now_s = self._now_s()
        self._wake.clear()
        self._held = {name: one for name, one in self._held.items() if one[1] > now_s}
        lit = lights(ledger) + [held for held, _ in self._held.values()]
        fault = bool(ledger.faults)
        wanted = {
            output.name: annunciator.shown(output, lit, now_s, fault=fault)
            for output in self._outputs
        }
        self.levels = {name: annunciator.level(what, now_s) for name, what in wanted.items()}
        pins.show(self.levels)
        flashing = Shown.FLASH in wanted.values()
        next_s = annunciator.next_s(self._outputs, lit, now_s, flashing=flashing)
        return min([next_s, *(until_s for _, until_s in self._held.values())]) - now_s

    async def _changed(self, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s):
                await self._wake.wait()
        except TimeoutError:
            return


def lights(ledger: Ledger) -> list[Lit]:
    """Return the incidents that the plan has told here."""
    return [
        Lit.of(incident, known.local_s)
        for known in ledger.escalations.values()
        if known.local_s is not None
        and (incident := ledger.incidents.get(known.incident)) is not None
    ]
