"""Time on air of the last hour in a LoRa band, and who may still send (SPEC 9): integers, kept over resets.

    record    minute 4 | used in each of 64 minutes, ms rounded up, 2 each: minute modulo 64

64 minutes cover an hour of a clock that runs 5 % fast, whatever second of the first it begins in.
What `may_send` and `note` do allocates nothing.
"""

from protocol.portable import const

RECORD_LEN = const(132)
ALERTS_ONLY_US = const(90_000_000)  # from here on: a quarter of 10 % of an hour
LOST_US = const(60_000_000)  # to be counted where the record is lost
_BUCKETS = const(64)
_BUCKET_S = const(60)
_BUCKET_MAX_US = const(60_000_000)  # a radio is on air 60 s a minute at most


class Ledger:
    """What this node has sent. `now_s`: a clock that runs on in sleep and may begin anew."""

    __slots__ = ("_minute", "_used", "_used_us")

    def __init__(self, record: bytes, now_s: int) -> None:
        """Take the last record, empty where there is none.

        A record from ahead of the clock is as good as of this minute: since it was written the clock
        has begun anew, and nobody knows how long ago.
        """
        self._minute = now_s // _BUCKET_S
        self._used = [0] * _BUCKETS
        self._used_us = 0
        if len(record) == RECORD_LEN:
            self._load(record)
        else:  # as of the minute before: this one has room for no more than 60 s
            self._used[(self._minute - 1) % _BUCKETS] = LOST_US
            self._used_us = LOST_US

    def may_send(self, us: int, urgent: bool, now_s: int) -> bool:
        """Say whether a frame of `us` may go: one that is `urgent` always, others below 90 s."""
        return urgent or self.used_us(now_s) + us <= ALERTS_ONLY_US

    def note(self, us: int, now_s: int) -> None:
        """Count a frame that was `us` on air."""
        self._move(now_s)
        self._add(us)

    def used_us(self, now_s: int) -> int:
        """Return the microseconds on air in the last hour, never too few."""
        self._move(now_s)
        return self._used_us

    def record(self, now_s: int) -> bytes:
        """Return what to keep over a reset; without a checksum."""
        self._move(now_s)
        stored = bytearray(self._minute.to_bytes(4, "big"))
        for us in self._used:
            stored += ((us + 999) // 1000).to_bytes(2, "big")
        return bytes(stored)

    def _load(self, record: bytes) -> None:
        written = int.from_bytes(record[:4], "big")
        now = self._minute
        self._minute = min(written, now)
        for age in range(_BUCKETS):
            at = 4 + 2 * ((written - age) % _BUCKETS)
            used_us = min(int.from_bytes(record[at : at + 2], "big") * 1000, _BUCKET_MAX_US)
            self._used[(self._minute - age) % _BUCKETS] = used_us
            self._used_us += used_us
        self._move(now * _BUCKET_S)

    def _move(self, now_s: int) -> None:
        """Forget the minutes that are over; a clock set back forgets nothing."""
        minute = now_s // _BUCKET_S
        if minute - self._minute > _BUCKETS:
            self._minute = minute - _BUCKETS
        while self._minute < minute:
            self._minute += 1
            at = self._minute % _BUCKETS
            self._used_us -= self._used[at]
            self._used[at] = 0

    def _add(self, us: int) -> None:
        at = self._minute % _BUCKETS
        us = min(us, _BUCKET_MAX_US - self._used[at])
        self._used[at] += us
        self._used_us += us
