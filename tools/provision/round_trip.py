"""What a board's first words on air are worth: from the board to a head and back, within a metre. Pure.

At one metre free space takes 40 dB (2.44 GHz), and two small antennas that do not look at each other some
25 more: with 0 dBm about -65 dBm arrive. 15 dB below, an antenna is broken, or not connected, or the head
is not on this table. The limit is an estimate and was not measured with boards of ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WEAK_DBM = -80


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """How loud the head heard the board (up), and the board the head (down): each report's dBm."""

    up: Sequence[int]
    down: Sequence[int]

    @property
    def fault(self) -> str | None:
        """The sentence of `wording.board` that tells what is wrong, or None."""
        if self.up_dbm is None:
            return "radio_silent" if self.down_dbm is None else "radio_mute"
        if self.down_dbm is None:
            return "radio_deaf"
        return "radio_weak" if min(self.up_dbm, self.down_dbm) < WEAK_DBM else None

    @property
    def up_dbm(self) -> int | None:
        """The median of what the head heard, None where it heard nothing."""
        return round(median(self.up)) if self.up else None

    @property
    def down_dbm(self) -> int | None:
        """The median of what the board heard, None where it heard nothing."""
        return round(median(self.down)) if self.down else None
