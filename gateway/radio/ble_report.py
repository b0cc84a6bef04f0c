"""What an adapter of this machine tells of itself, as a radio head does: how it fares and what it hears."""

from collections import deque

from gateway.events import Overheard
from protocol.link_messages import BLE, MEDIUM_NAMES

REPORT_EVERY_S = 5.0
_MEDIUM = MEDIUM_NAMES[BLE]
_REPORTS_MAX = 64  # nobody may be asking


class BleReport:
    """Adverts counted, reports of them every five seconds, and what is told of the adapter."""

    def __init__(self, now: float) -> None:
        """Begin at `now`, seconds of a clock that is never set."""
        self.ours = 0
        self.foreign = 0
        self._told_ours = self._told_foreign = 0
        self._due = now + REPORT_EVERY_S
        self._about: dict[str, object] = {}
        self._reports: deque[Overheard] = deque(maxlen=_REPORTS_MAX)

    @property
    def heard(self) -> int:
        """Count all that was heard."""
        return self.ours + self.foreign

    def tell(self, **about: object) -> None:
        """Take what is to be shown of the adapter; what is None is shown no more."""
        self._about |= about
        self._about = {name: value for name, value in self._about.items() if value is not None}

    def status(self) -> dict[str, object]:
        """Return what is known, for people."""
        return {**self._about, _MEDIUM: {"foreign": self.foreign}}

    def reports(self) -> list[Overheard]:
        """Return the reports since the last question."""
        told = list(self._reports)
        self._reports.clear()
        return told

    def poll(self, now: float) -> None:
        """Report what was heard, where it is time."""
        if now < self._due:
            return
        foreign, ours = self.foreign - self._told_foreign, self.ours - self._told_ours
        self._told_foreign, self._told_ours = self.foreign, self.ours
        self._due = now + REPORT_EVERY_S
        self._reports.append(Overheard(_MEDIUM, None, 0, foreign, ours))

    def silent(self, now: float) -> None:
        """Forget what was heard before the adapter was lost: that is a fault of its own."""
        self._told_foreign, self._told_ours = self.foreign, self.ours
        self._due = now + REPORT_EVERY_S
