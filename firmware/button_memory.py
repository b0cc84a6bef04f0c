"""What a panic button remembers, in RTC memory over sleep and reset, in flash over a loss of power.

RTC memory   a `Snapshot`, written whenever something changed; only one written before a sleep has
             the next counter, and it is good for one start
flash        `incident`, the same record: what is open, from its first frame to its end
"""

from firmware.core import records
from firmware.core.alert import NO_INCIDENT
from firmware.core.button import Button
from firmware.core.records import SNAPSHOT_LEN, Snapshot, unpack_snapshot
from firmware.core.visit import NO_VISIT, UNKNOWN_S
from firmware.hal import clock, power, storage
from protocol.kinds import TEST
from protocol.portable import const

_NAME = "incident"
_CLOSED = const(0)  # as a kind: no incident is open
_NO_COUNTER = const(-1)


def load(cause: int) -> Snapshot:
    """Return what was kept before this start."""
    snapshot = None if cause == power.POWER_UP else unpack_snapshot(power.kept())
    if snapshot is None:
        snapshot = _after_power_loss()
    elif cause not in (power.WOKEN_BY_PIN, power.WOKEN_BY_TIMER):
        snapshot.next_counter = _NO_COUNTER
        snapshot.flags &= ~(records.CLOCK_KNOWN | records.LAST_HEARD)
    next_counter = snapshot.next_counter
    snapshot.next_counter = _NO_COUNTER  # a reset from here on must not go back to it
    power.keep(snapshot.pack())
    snapshot.next_counter = next_counter
    return snapshot


def _after_power_loss() -> Snapshot:
    """Return what still holds of the record in flash: what was open, but no time and nothing felt."""
    kept = unpack_snapshot(storage.read(_NAME, SNAPSHOT_LEN)) or Snapshot()
    snapshot = Snapshot()
    snapshot.heartbeat_due_s = clock.seconds()
    snapshot.first = kept.first
    snapshot.kind = kept.kind
    snapshot.duress = kept.duress
    snapshot.flags = kept.flags & records.DARK
    snapshot.visit_first = kept.visit_first
    if kept.visit_until_s != NO_VISIT:
        snapshot.visit_until_s = UNKNOWN_S
    return snapshot


def restore(button: Button, snapshot: Snapshot, now_ms: int) -> None:
    """Put into `button` what was kept; an alert that was open goes on."""
    alert = button.alert
    alert.first = snapshot.first
    alert.frames = snapshot.frames
    visit = button.visit
    visit.first = snapshot.visit_first
    visit.until_s = snapshot.visit_until_s
    visit.minutes = snapshot.visit_min
    visit.told = snapshot.visit_told
    if visit.until_s == UNKNOWN_S:
        visit.lose_clock()
    elif snapshot.visit_ending_s != NO_VISIT:
        visit.end_again(snapshot.visit_ending_s)
    button.test_until_s = snapshot.test_until_s
    button.low_told_day = snapshot.low_told_day
    button.low_battery = bool(snapshot.flags & records.LOW_BATTERY)
    button.conditions.told = snapshot.conditions
    if snapshot.kind != _CLOSED and snapshot.first != NO_INCIDENT:
        alert.kind = snapshot.kind
        alert.duress = snapshot.duress
        alert.felt = snapshot.felt
        button.resume(bool(snapshot.flags & records.DARK), now_ms)


class ButtonMemory:
    """Writes down how `button` is, and knows what flash holds."""

    __slots__ = ("_button", "_first", "_kind", "_kept", "_visit_first")

    def __init__(self, button: Button, snapshot: Snapshot) -> None:
        """Take the button and what was loaded."""
        self._button = button
        self._kept: "Snapshot | None" = None  # that flash may not have yet
        self._kind = snapshot.kind
        self._first = snapshot.first
        self._visit_first = snapshot.visit_first

    def snapshot(self, flags: int, heartbeat_due_s: int) -> Snapshot:
        """Return what is to be kept now; `flags` are those the program knows of."""
        button = self._button
        alert, visit = button.alert, button.visit
        kept = Snapshot()
        kept.first = alert.first
        kept.heartbeat_due_s = heartbeat_due_s
        kept.flags = flags | button.flags()
        kept.marks = button.uplinks.marks
        kept.kind = self._open_kind()
        kept.duress = alert.duress
        kept.felt = alert.felt
        kept.frames = alert.frames
        kept.visit_first = visit.first
        kept.visit_until_s = visit.until_s
        kept.visit_min = visit.minutes
        kept.visit_ending_s = visit.ending_s
        kept.visit_told = visit.told
        kept.test_until_s = button.test_until_s
        kept.low_told_day = button.low_told_day
        kept.conditions = button.conditions.told
        return kept

    def keep(self, snapshot: Snapshot) -> None:
        """Write RTC memory; `store` is for flash."""
        power.keep(snapshot.pack())
        self._kept = snapshot

    def call_due(self) -> bool:
        """Say whether an incident is open that flash does not have so."""
        kept = self._kept
        return (
            kept is not None
            and kept.kind != _CLOSED
            and (kept.kind != self._kind or kept.first != self._first)
        )

    def store_due(self) -> bool:
        """Say whether what is open has changed since flash was written."""
        kept = self._kept
        return kept is not None and (
            self.call_due() or kept.kind != self._kind or kept.visit_first != self._visit_first
        )

    def store(self) -> None:
        """Write flash; `OSError` where it refuses."""
        kept = self._kept
        if kept is not None:
            storage.write(_NAME, kept.pack())
            self._kind, self._first, self._visit_first = kept.kind, kept.first, kept.visit_first

    def _open_kind(self) -> int:
        alert = self._button.alert
        return alert.kind if alert.open and alert.kind != TEST else _CLOSED
