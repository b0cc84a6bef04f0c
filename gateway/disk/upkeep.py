"""What the store needs now and then: room held back, terms kept, and word of what befell it."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from gateway import pulse
from gateway.disk.gateway_key import exposed
from gateway.disk.rebuild import LOG_LOST, Rebuilt
from gateway.disk.retention import Retention, erase_journal, prune
from gateway.disk.schema import StoreDamaged, StoreFault
from gateway.disk.soundness import Soundness
from gateway.disk.store import Store
from gateway.events import Event, Fault, Restore
from gateway.gateway_clock import GatewayClock
from gateway.ledger import Ledger

EVERY_S = 600.0
_PAUSE_S = 0.05
_JOURNAL_EVERY_S = 86_400.0


class Upkeep:
    """Looks after `store` while the service runs."""

    def __init__(
        self,
        state_dir: Path,
        store: Store,
        terms: Retention,
        clock: GatewayClock,
        post: Callable[[Event], object],
    ) -> None:
        """Do nothing yet."""
        self._state_dir = state_dir
        self._store = store
        self._terms = terms
        self._clock = clock
        self._post = post
        self._journal_due_s = 0.0
        self._soundness = Soundness(clock.now_s())

    def started(self, rebuilt: Rebuilt | None, behind: int) -> None:
        """Tell what was found at the start; `behind`: devices the database knew less of than it should."""
        now = time.time()
        if rebuilt is not None:
            code = "behind" if rebuilt.why == LOG_LOST else "damaged"
            self._post(Fault("store", code, now, rebuilt.why))
        elif behind:
            self._post(Fault("store", "behind", now, f"devices={behind}"))
        self._post((Fault if exposed(self._state_dir) else Restore)("gateway", "key_exposed", now))

    async def run(self, ledger: Ledger) -> None:
        """Look every ten minutes, for ever."""
        while True:
            pulse.beat()
            await self.look(ledger)
            await asyncio.sleep(EVERY_S)

    async def look(self, ledger: Ledger) -> None:
        """Do what there is to do now; raise `StoreDamaged`."""
        found = await self._soundness.look(self._store.own, self._clock.now_s())
        if found is not None:
            raise StoreDamaged(found)
        laid = await asyncio.to_thread(self._store.ballast.lay)  # some disks write all of it
        await self._store.lengthen_log()
        self._tell(laid=laid, doubted=self._doubted(ledger))
        if self._clock.believed():
            try:
                await self._keep_terms()
            except StoreFault:  # told at the next commit; what is over can wait
                return

    async def _keep_terms(self) -> None:
        forgotten = 1
        while forgotten:
            forgotten = await self._store.change(lambda db: prune(db, self._terms, time.time()))
            await asyncio.sleep(_PAUSE_S)  # alerts go first
        if self._clock.now_s() >= self._journal_due_s:  # each time leaves an entry of its own
            self._journal_due_s = self._clock.now_s() + _JOURNAL_EVERY_S
            await self._store.change(lambda db: erase_journal(db, self._terms, time.time()))

    def _tell(self, *, laid: bool, doubted: bool) -> None:
        now = time.time()
        self._post(
            Restore("store", "no_reserve", now) if laid else Fault("store", "no_reserve", now)
        )
        if not doubted:
            for code in ("damaged", "behind"):
                self._post(Restore("store", code, now))

    def _doubted(self, ledger: Ledger) -> bool:
        """Say whether frames of some device may still be taken for old ones."""
        now_s = self._clock.now_s()
        return any(
            state.doubt.covers(state.window.highest + 1, now_s) for state in ledger.states.values()
        )
