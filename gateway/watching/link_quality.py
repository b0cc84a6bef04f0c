"""Whether the link to a device is weak: the median of its last frames, with hysteresis. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

FRAMES = 9
BETTER_DB = 6.0  # a person between the two costs as much


@dataclass(frozen=True, slots=True)
class Weak:
    """The received power, dBm, below which a link is weak: some 8 dB above where frames are lost."""

    ble_dbm: int = -88
    lora_dbm: int = -122

    def limit_dbm(self, medium: str) -> int:
        """Return the limit of a medium."""
        return self.lora_dbm if medium == "lora" else self.ble_dbm


def weak(heard_dbm: Iterable[int], limit_dbm: int, *, was_weak: bool) -> bool | None:
    """Say whether these last frames make a weak link; None where they are too few to say."""
    heard = tuple(heard_dbm)
    if len(heard) < FRAMES:
        return None
    return median(heard) < limit_dbm + was_weak * BETTER_DB
