"""What was heard of each device: a long row now and then, and a short one for each frame behind it.

    state    the window of counters, the fingerprints, the last frames     2.6 kB: a page of its own
    heard    a ring of 4,096 short rows, of all devices                    some 150 bytes

Every heartbeat is on disk before it is answered, 28,800 a day with a hundred devices, and an SD card wears
by the page. Short rows of ten devices share one. Accepting their frames again, in order, makes of the long
row what it would be now. It is written when the ring comes round to a short row that it does not hold yet,
at first after each start: what is known then may differ from what was stored; and at the stop, so that an
earlier gateway, which has never heard of short rows, may go on.
"""

import sqlite3
from collections.abc import Mapping

from gateway.disk import rows
from gateway.disk.rows import StoredClock
from gateway.frames.device_clock import DeviceClock
from gateway.frames.device_state import DeviceState

SIZE = 4096
_COLUMNS = ("id", "seq", "device", "counter", "frame", *rows.LATEST_COLUMNS)
_WRITE = (
    f"INSERT OR REPLACE INTO heard ({', '.join(_COLUMNS)})"  # noqa: S608 - our names
    f" VALUES ({', '.join('?' * len(_COLUMNS))})"
)
_READ = (
    f"SELECT seq, device, counter, frame, {', '.join(rows.LATEST_COLUMNS)} FROM heard"  # noqa: S608
    " ORDER BY seq"
)

States = Mapping[str, DeviceState]


class Heard:
    """The writer of both. What it knows is lost with a transaction that fails: then make another."""

    def __init__(self, connection: sqlite3.Connection, size: int = SIZE) -> None:
        """Learn whose short rows there are; no long row is trusted to be what is known."""
        self._size = size
        self._owners: dict[int, str] = {}
        self._seq = 0
        for slot, seq, device in connection.execute("SELECT id, seq, device FROM heard"):
            self._owners[slot] = device
            self._seq = max(self._seq, seq)
        self._long: dict[str, int] = {}  # of each device: up to where its long row goes

    def write(
        self,
        connection: sqlite3.Connection,
        changed: States,
        known: States,
        stored_clock: StoredClock = DeviceClock.to_bytes,
    ) -> None:
        """Write what has `changed` of what is `known`, within a transaction of the caller."""
        coming = sum(len(state.news) for state in changed.values())
        fits = coming <= self._size  # else some would make place for others at once
        due = {name for name in changed if not (fits and name in self._long)}
        due |= self._displaced(coming)
        for name, state in changed.items():
            if name not in due and not state.news:
                due.add(name)
            elif name not in due:
                self._append(connection, name, state, stored_clock)
        for name in due:
            state_now = changed.get(name) or known.get(name)
            if state_now is not None:  # it may be unenrolled
                rows.write_states(connection, {name: state_now}, stored_clock, self._seq)
                self._long[name] = self._seq

    def settle(
        self, connection: sqlite3.Connection, known: States, stored_clock: StoredClock
    ) -> None:
        """Write the long row of everybody who has short ones, for who does not know these."""
        for name in set(self._owners.values()) & known.keys():
            rows.write_states(connection, {name: known[name]}, stored_clock, self._seq)

    def _displaced(self, coming: int) -> set[str]:
        """Return whose short rows make place for `coming` ones, and are in no long row yet."""
        displaced = set()
        for seq in range(self._seq + 1, self._seq + coming + 1):
            owner = self._owners.get(seq % self._size)
            if owner is not None and self._long.get(owner, 0) <= seq - self._size:
                displaced.add(owner)
        return displaced

    def _append(
        self,
        connection: sqlite3.Connection,
        name: str,
        state: DeviceState,
        stored_clock: StoredClock,
    ) -> None:
        latest = rows.latest_row(state, stored_clock)
        for counter, frame in state.news:
            self._seq += 1
            slot = self._seq % self._size
            self._owners[slot] = name
            connection.execute(_WRITE, (slot, self._seq, name, counter, frame, *latest))


def read_states(connection: sqlite3.Connection) -> dict[str, DeviceState]:
    """Return what is remembered of every device that was heard."""
    states, goes_to = rows.read_long(connection)
    for row in connection.execute(_READ):
        seq, device, counter, frame, *latest = row
        if seq > goes_to.get(device, seq):
            states[device].accept(counter, frame)
            rows.take_latest(states[device], latest)
    for state in states.values():
        state.news = []
    return states


def rewrite(connection: sqlite3.Connection, states: States) -> None:
    """Write `states`, and let nothing that was heard before count any more."""
    rows.write_states(connection, states)
    connection.execute("DELETE FROM heard")


def forget(connection: sqlite3.Connection, device: str) -> None:
    """Remember nothing of a device: its next frame begins a new life."""
    connection.execute("DELETE FROM state WHERE device = ?", (device,))
    connection.execute("DELETE FROM heard WHERE device = ?", (device,))
