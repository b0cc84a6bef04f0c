"""How long each stage of an alert took, from what was committed. Pure.

    received -> stored -> delivered -> acknowledged -> felt
             commit    upstream      a person        the wearer feels that help is coming

What happened before this start is not known, so a stage behind it is not measured.
"""

from collections import OrderedDict
from typing import NamedTuple

from gateway.drafts import Entry
from gateway.ledger import Batch

STORED, DELIVERED, ACKNOWLEDGED, FELT = "stored", "delivered", "acknowledged", "felt"
_BEFORE = {DELIVERED: STORED, ACKNOWLEDGED: DELIVERED, FELT: ACKNOWLEDGED}
_STAGES = {"delivered": DELIVERED, "acknowledged": ACKNOWLEDGED, "wearer_felt": FELT}
_INCIDENTS_MAX = 256


class Took(NamedTuple):
    """A stage, and how many seconds after the one before it was reached."""

    stage: str
    seconds: float


class Latency:
    """When the last incidents reached each stage, for the first time."""

    def __init__(self) -> None:
        """Begin with none."""
        self._reached: OrderedDict[str, dict[str, float]] = OrderedDict()

    def take(self, batch: Batch, stored_at: float, now_s: float) -> list[Took]:
        """Return what was reached by `batch`, on disk at `stored_at` (Unix), `now_s` by a steady clock."""
        took = []
        for entry in batch.journal:
            if entry.name == "raised" and entry.incident is not None:
                self._begin(entry.incident, now_s)
                took.append(Took(STORED, max(stored_at - entry.at, 0.0)))
            else:
                took += self._further(entry, now_s)
        return took

    def _begin(self, incident: str, now_s: float) -> None:
        self._reached[incident] = {STORED: now_s}
        if len(self._reached) > _INCIDENTS_MAX:
            self._reached.popitem(last=False)

    def _further(self, entry: Entry, now_s: float) -> list[Took]:
        stage = _STAGES.get(entry.name, "")
        reached = self._reached.get(entry.incident or "", {})
        if stage == FELT and entry.detail.get("stage") != ACKNOWLEDGED:
            return []
        before = reached.get(_BEFORE.get(stage, ""))
        if before is None or stage in reached:
            return []
        reached[stage] = now_s
        return [Took(stage, now_s - before)]
