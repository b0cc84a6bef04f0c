"""Which command of a gateway is carried out: each once, and none against the wearer.

A command is bound to an uplink by its frame and numbered among the commands for that uplink, each
gateway with numbers of its own: a number that was given before is a repeat or a replay (SPEC 7.2).
"""

from protocol.constants import LAST_COUNTERS
from protocol.kinds import LIGHT, SIREN
from protocol.portable import const

FIRST = const(8)
LAST = const(15)

IGNORE = const(0)
REFUSE = const(1)
DO = const(2)


class Commands:
    """What was commanded for the last uplinks, so that nothing is done twice."""

    __slots__ = ("_counters", "_done", "_given")

    def __init__(self, done: "tuple[int, ...]") -> None:
        """`done` names the operations this device has."""
        self._done = done
        self._counters = [-1] * LAST_COUNTERS
        self._given = [0] * LAST_COUNTERS  # bit n: number n was given for this counter

    def judge(self, counter: int, op: int, arg: int, seq: int, alert_open: bool) -> int:
        """Return `DO`, `REFUSE` (both to be reported) or `IGNORE` for a command for `counter`."""
        if not FIRST <= op <= LAST or not self._is_new(counter, seq):
            return IGNORE
        if op not in self._done:
            return REFUSE
        silences = op in (SIREN, LIGHT) and arg == 0
        return REFUSE if silences and alert_open else DO

    def _is_new(self, counter: int, seq: int) -> bool:
        """Say whether `seq` was not given for `counter` yet, and remember it."""
        for i in range(LAST_COUNTERS):
            if self._counters[i] == counter:
                given = self._given[i]
                self._given[i] = given | 1 << seq
                return seq > 0 and not given >> seq & 1
        oldest = 0
        for i in range(LAST_COUNTERS):
            if self._counters[i] < self._counters[oldest]:
                oldest = i
        if counter < self._counters[oldest] or seq < 1:
            return False
        self._counters[oldest] = counter
        self._given[oldest] = 1 << seq
        return True
