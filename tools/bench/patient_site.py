"""Call boxes that beat for days before a gateway that lets heartbeats wait: how they stand at the end.

The rule is the gateway's own (`patience_s`). What waits goes to the disk together when the first of it may
wait no longer; whoever spoke up to 8 s before was answered in time, and its next heartbeat says so where
its counter is odd (SPEC 5.3). So a certificate is often had for nothing, and how often depends on the beats
of all others: it is not guessed, but played.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from gateway.frames.device_state import DeviceState
from gateway.frames.patience import patience_s
from gateway.tests.builders import clock, device, uplink
from gateway.watching.presence import Presence, Watched
from protocol.kinds import heartbeat_word

_DAYS = 3.0
_DAY_S = 86_400.0
_LISTENS_S = 8.0  # SPEC 9: on the mains
_DRIFT = 40e-6  # of a crystal
_LISTENING = heartbeat_word(1, 0, 0, 0)
_HEARD = Watched(Presence.HEARD)


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat: whose, when in seconds, its counter, and how old its certificate was then."""

    box: int
    at: float
    counter: int
    age_s: float


class PatientSite:
    """Boxes switched on at any time, and who of them waits."""

    def __init__(self, boxes: int, heartbeat_s: float, chance: Random) -> None:
        """Begin with everybody certified."""
        self.commits = 0
        self._box = replace(device(), role="call_box", heartbeat_s=round(heartbeat_s))
        drifts = [1 + chance.uniform(-_DRIFT, _DRIFT) for _ in range(boxes)]
        self._every_s = [heartbeat_s * drift for drift in drifts]
        self._next = [(chance.uniform(0, heartbeat_s), box, box % 2) for box in range(boxes)]
        heapq.heapify(self._next)
        self._certified_at = [0.0] * boxes
        self._answered: dict[
            int, Beat
        ] = {}  # the last beat of a box, where it was answered in time
        self._held: list[Beat] = []
        self._due_s = 0.0

    def beats(self, until_s: float) -> Iterator[Beat]:
        """Play on, and yield every beat."""
        while self._next[0][0] < until_s:
            at, box, counter = self._next[0]
            if self._held and self._due_s <= at:
                self._commit()
            beat = Beat(box, at, counter, at - self._certified_at[box])
            self._hold(beat)
            yield beat
            heapq.heapreplace(self._next, (at + self._every_s[box], box, counter + 1))

    def _hold(self, beat: Beat) -> None:
        state = DeviceState()
        state.clock = clock(max(beat.counter - 1, 0), self._certified_at[beat.box])
        heard = uplink(_LISTENING, beat.counter)
        due_s = beat.at + patience_s(heard, self._box, state, _HEARD, beat.at)
        self._due_s = min(self._due_s, due_s) if self._held else due_s
        self._held.append(beat)
        before = self._answered.pop(beat.box, None)
        if before is not None and beat.counter % 2:
            self._certified_at[beat.box] = before.at

    def _commit(self) -> None:
        self.commits += 1
        for beat in self._held:
            if self._due_s - beat.at < _LISTENS_S:
                self._answered[beat.box] = beat
        self._held.clear()


def last_beats(boxes: int, heartbeat_s: float, chance: Random) -> list[Beat]:
    """Return the last beat of every box after days, in their order; `at` from the first of them on."""
    site = PatientSite(boxes, heartbeat_s, chance)
    last = {beat.box: beat for beat in site.beats(_DAYS * _DAY_S)}
    begun = min(beat.at for beat in last.values())
    beats = sorted(last.values(), key=lambda beat: beat.at)
    return [replace(beat, at=beat.at - begun) for beat in beats]
