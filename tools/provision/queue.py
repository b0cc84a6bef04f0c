"""Which device of the plan a board becomes: the one it already is on its way to, else the next that fits.

Boards of a batch ask at the same time; a device is given to one board only.
"""

import threading
from collections.abc import Iterable

from tools.firmware_closure import chip_of
from tools.provision.chips import Chip
from tools.provision.identity import Planned
from tools.provision.journal import Journal
from tools.provision.stopped import Stopped


class Queue:
    """The devices of a plan that have no record yet, in its order."""

    def __init__(
        self, devices: Iterable[Planned], journal: Journal, *, again: bool = False
    ) -> None:
        """Leave out who is done, unless they are to be done `again`."""
        self._journal = journal
        self._waiting = [device for device in devices if again or not journal.has(device.id)]
        self._lock = threading.Lock()

    @property
    def waiting(self) -> tuple[Planned, ...]:
        """Return who waits, in the order of the plan."""
        return tuple(self._waiting)

    def take(self, mac: str, chip: Chip) -> Planned:
        """Return the device that a board becomes; raise `Stopped` where none is for its chip."""
        begun = self._journal.begun(mac)
        with self._lock:
            fitting = [device for device in self._waiting if chip_of(device.board) == chip.name]
            if not fitting:
                raise Stopped("none_for_chip" if self._waiting else "none_left", chip=chip.called)
            same = [device for device in fitting if begun and device.id == begun.device]
            chosen = (same or fitting)[0]
            self._waiting.remove(chosen)
            return chosen
