"""Signs of life of one device, as supervision needs them: in memory only, in gateway time. Pure."""

from typing import NamedTuple

from gateway.watching.link_quality import FRAMES

_KEPT = 1_000.0  # heartbeats whose loss is remembered: some days
_NEVER_SURE = 0.01  # of what was believed is left: no link loses nothing
_MOST_LOST = 12  # at once: more is no loss of single frames


class Signs(NamedTuple):
    """`alive_s`: the last fresh frame; `asked_s`: the last fresh question whether she is covered.

    `heard_dbm`: received power of the last frames, the newest last, all on `medium`. `sent`, `lost`:
    heartbeats by LoRa, where each is one transmission or a few, and those of them that never came.
    """

    alive_s: float | None = None
    asked_s: float | None = None
    medium: str | None = None
    heard_dbm: tuple[int, ...] = ()
    sent: float = 0.0
    lost: float = 0.0

    def loss(self, believed: tuple[float, float]) -> float | None:
        """Return which part of the heartbeats by LoRa is lost; None for a device that uses bursts.

        `believed`: so many lost of so many sent, as if they had been seen before all others; it fades.
        """
        if self.medium != "lora":
            return None
        weight = max(1.0 - self.sent / _KEPT, _NEVER_SURE)
        return (weight * believed[0] + self.lost) / (weight * believed[1] + self.sent)

    def heard(self, medium: str, dbm: int) -> "Signs":
        """Return this after one more frame, fresh or not."""
        before = self.heard_dbm if medium == self.medium else ()
        last = (*before, dbm)[-FRAMES:]
        return Signs(self.alive_s, self.asked_s, medium, last, self.sent, self.lost)

    def heard_again(self, medium: str, dbm: int) -> "Signs":
        """Return this after the same frame was heard by another radio: the stronger of both counts."""
        if medium != self.medium or not self.heard_dbm or dbm <= self.heard_dbm[-1]:
            return self
        return self._replace(heard_dbm=(*self.heard_dbm[:-1], dbm))

    def alive(self, now: float, *, asked: bool) -> "Signs":
        """Return this after a fresh frame."""
        return self._replace(alive_s=now, asked_s=now if asked else self.asked_s)

    def missed(self, counters: int, now: float, heartbeat_s: int) -> "Signs":
        """Return this after a fresh frame, before which so many counters did not come.

        Counters are skipped at a press and at a start, and time passes in an alert: the less counts.
        """
        if self.alive_s is None or self.medium != "lora":
            return self
        heartbeats = round((now - self.alive_s) / heartbeat_s) - 1
        lost = min(max(min(counters, heartbeats), 0), _MOST_LOST)
        kept = min(1.0, _KEPT / max(self.sent, 1.0))
        return self._replace(sent=self.sent * kept + 1 + lost, lost=self.lost * kept + lost)


NO_SIGNS = Signs()
