"""What a call box writes to flash: counters in reserve before they are used, and its `BoxRecord`."""

from firmware.core import box_record, records
from firmware.core.box_record import BoxRecord
from firmware.core.counter import NOT_DUE, Counter
from firmware.hal import storage
from protocol.constants import COUNTER_LIMIT
from protocol.portable import const

_RETRY_S = const(5)


class BoxFlash:
    """`ok`: the last write was taken. `starved`: something is to be sent, and no counter is in reserve."""

    def __init__(self, key: bytes, counter: Counter) -> None:
        """Read the record; `key` stands in one record with the counter."""
        self._key = key
        self._counter = counter
        self._stored = storage.read(box_record.KEY, box_record.LEN)
        self._retry_s = 0
        self._pending = False
        self.ok = True
        self.starved = False

    def kept(self) -> BoxRecord:
        """Return what was kept over the loss of power."""
        return box_record.unpack(self._stored)

    def reserve(self, settled: bool, now_s: int) -> None:
        """Reserve counters where it is time (SPEC 6.1)."""
        reserved = self._counter.to_reserve(settled)
        if reserved == NOT_DUE or now_s < self._retry_s:
            return
        if self._write("secret", records.pack_secret(self._key, reserved), now_s):
            self._counter.reserve(reserved)

    def has_counter(self, counter: int, settled: bool, now_s: int) -> bool:
        """Say whether `counter` is in reserve; what flash has refused is tried again."""
        if counter >= self._counter.reserved:
            self.reserve(settled, now_s)
        self.starved = self._counter.reserved <= counter < COUNTER_LIMIT
        return not self.starved

    def changed(self) -> None:
        """The record may have changed."""
        self._pending = True

    def pending(self, now_s: int) -> bool:
        """Say whether the record is to be looked at now."""
        return self._pending and now_s >= self._retry_s

    def keep(self, record: BoxRecord, now_s: int) -> None:
        """Write the record, where it is another."""
        stored = record.pack()
        self._pending = False
        if stored == self._stored:
            return
        if self._write(box_record.KEY, stored, now_s):
            self._stored = stored
        else:
            self._pending = True

    def _write(self, key: str, record: bytes, now_s: int) -> bool:
        try:
            storage.write(key, record)
            self.ok = True
        except OSError:
            self.ok = False
            self._retry_s = now_s + _RETRY_S
        return self.ok
