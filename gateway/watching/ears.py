"""Is the gateway deaf, or the air jammed? From what the radio heads tell every 5 s. Pure.

    deaf     nothing was heard on a medium for 60 s, where 20 foreign adverts a minute, ten minutes in a
             row, were heard before: such an air is not silent by chance. Where it never was so lively,
             and on LoRa seldom is, silence says nothing.
    silent   the line stands, and the reports that came over it do not come any more
    jammed   30 bad seconds in any 60: noise 20 dB above that of a receiver, or a channel that is always
             busy and brings no frame of ours. BLE heads tell no noise: there jamming looks like deafness.

The minutes that are learnt stand still while nothing is heard, so that silence never teaches that it is
normal; an air that empties slowly, as at night, stops being lively before it is silent. One that empties
at once is taken for deafness until a frame of ours proves that the radio hears; then it is learnt anew.
"""

from collections import deque

from gateway.events import Overheard
from gateway.watching.steadiness import Window, Wrong

REPORT_EVERY_S = 5.0
_QUIET_S = 60.0
_LIVELY_A_MINUTE = 20
_LIVELY_MINUTES = 10
_SILENT_S = 30.0
_JAMMED_S = 30.0
_FREE_S = 5.0
_WINDOW_S = 60.0
_NOISE_DBM = -95  # the noise of a receiver at 125 kHz is -117 dBm
_BUSY_PERCENT = 90


class Ear:
    """One medium of one radio head. Times are those of a clock that is never set."""

    def __init__(self, now: float) -> None:
        """Begin to listen at `now`."""
        self._heard_s = self._foreign_s = now
        self._told_s = now
        self._minute_ends_s = now + 60.0
        self._in_minute = 0
        self._minutes: deque[int] = deque(maxlen=_LIVELY_MINUTES)
        self._bad = Window(_WINDOW_S)
        self._jammed = False

    def take(self, told: Overheard, now: float) -> None:
        """Take one report."""
        if told.foreign or told.ours:
            self._heard_s = now
            self._count(told.foreign, now)
        if told.foreign:
            self._foreign_s = now
        elif told.ours and now - self._foreign_s >= _QUIET_S:  # it hears; the strangers have left
            self._minutes.clear()
        if _is_bad(told):
            self._bad.add(max(self._told_s, now - 2 * REPORT_EVERY_S), now)
        self._told_s = now

    def lost(self, now: float) -> None:
        """The line was down: begin to listen anew, and remember how lively the air was."""
        self._heard_s = self._foreign_s = self._told_s = now
        self._minute_ends_s, self._in_minute = now + 60.0, 0

    @property
    def lively(self) -> bool:
        """Say whether silence would mean something here."""
        full = len(self._minutes) == _LIVELY_MINUTES
        return full and min(self._minutes) >= _LIVELY_A_MINUTE

    def deaf(self) -> Wrong:
        """Say whether by its reports nothing is heard where there always was something."""
        return Wrong(self.lively and self._told_s - self._heard_s >= _QUIET_S, "nothing_heard")

    def silent(self, now: float) -> bool:
        """Say whether the reports have stopped."""
        return now - self._told_s >= _SILENT_S

    def jammed(self, now: float) -> Wrong:
        """Say whether too much of the last minute was noise."""
        bad_s = self._bad.bad_s(now)
        self._jammed = bad_s >= _JAMMED_S or (self._jammed and bad_s >= _FREE_S)
        return Wrong(self._jammed, "noise")

    def _count(self, foreign: int, now: float) -> None:
        """Count by the minute in which something was heard; the time of silence is left out."""
        if now - self._told_s > 2 * REPORT_EVERY_S or now - self._minute_ends_s > _QUIET_S:
            self._minute_ends_s, self._in_minute = now + 60.0, 0
        self._in_minute += foreign
        if now >= self._minute_ends_s:
            self._minutes.append(self._in_minute)
            self._minute_ends_s, self._in_minute = now + 60.0, 0


def _is_bad(told: Overheard) -> bool:
    noisy = told.noise_dbm is not None and told.noise_dbm >= _NOISE_DBM
    return noisy or (told.busy_percent >= _BUSY_PERCENT and not told.ours)
