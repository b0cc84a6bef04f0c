"""How long the gateway has listened: silence counts only where somebody could have heard. Pure.

|-- listens --|-- unnoticed --|-- deaf, jammed, unplugged --|-- listens --|
                              fault                         restore
              |------------ not counted --------------------|
"""

from collections import deque
from collections.abc import Callable

from gateway.ledger import Batch

UNNOTICED_S = 90.0  # so long may a radio have been deaf before that was told
_ASLEEP_S = 90.0  # nobody looked for so long: the machine slept, or stood still
_KEPT = 64
_EARS = ("ble", "lora")
_SHUT = ("link_down", "silent")  # of the head as a whole
_SHUT_LORA = ("lora_failed", "lora_settings")


class Listening:
    """The times when each radio heard nothing, medium by medium. Times are gateway time, seconds."""

    def __init__(self, radios: tuple[str, ...], now: float) -> None:
        """Begin to listen with `radios` at `now`."""
        self._radios = radios
        self._looked_s = now
        self._shut_since: dict[tuple[str, str], float] = {}
        self._shut: dict[tuple[str, str], deque[tuple[float, float]]] = {}

    def look(self, batch: Batch) -> None:
        """Learn from the faults of the gateway who hears; call it at every step."""
        slept = batch.now - self._looked_s > _ASLEEP_S
        if not (slept or self._shut_since or batch.faults or batch.known.faults):
            self._looked_s = batch.now
            return
        for radio in self._radios:
            for medium in _EARS:
                ear = radio, medium
                if slept:
                    self._note(ear, self._looked_s, batch.now)
                self._turn(ear, batch.now, shut=_shut(batch.failing, radio, medium))
        self._looked_s = batch.now

    def shut(self, radio: str | None, medium: str | None) -> bool:
        """Say whether the ear is shut now that heard a device last; None: any that could."""
        return any(ear in self._shut_since for ear in self._ears(radio, medium))

    def listened_s(self, radio: str | None, medium: str | None, since: float, now: float) -> float:
        """Return for how many of the seconds from `since` to `now` that ear was open."""
        lost = [
            _overlap(since, now, begin, end)
            for ear in self._ears(radio, medium)
            for begin, end in [*self._shut.get(ear, ()), (self._shut_since.get(ear, now), now)]
        ]
        return max(now - since - sum(lost), 0.0)

    def _turn(self, ear: tuple[str, str], now: float, *, shut: bool) -> None:
        if shut and ear not in self._shut_since:
            self._shut_since[ear] = max(now - UNNOTICED_S, self._last_end(ear))
        elif not shut and ear in self._shut_since:
            self._note(ear, self._shut_since.pop(ear), now)

    def _note(self, ear: tuple[str, str], begin: float, end: float) -> None:
        begin = max(begin, self._last_end(ear))  # what overlaps counts once
        known = self._shut.setdefault(ear, deque(maxlen=_KEPT))
        known.append((begin, max(begin, end)))

    def _last_end(self, ear: tuple[str, str]) -> float:
        known = self._shut.get(ear)
        return known[-1][1] if known else float("-inf")

    def _ears(self, radio: str | None, medium: str | None) -> list[tuple[str, str]]:
        if radio in self._radios and medium is not None:
            return [(str(radio), medium)]
        return [(self._radios[0], "ble")] if self._radios else []


def _shut(failing: Callable[[str, str], bool], radio: str, medium: str) -> bool:
    own = _SHUT_LORA if medium == "lora" else ()
    codes = [*_SHUT, f"deaf_{medium}", f"jammed_{medium}", *own]
    return any(failing(f"radio.{radio}", code) for code in codes)


def _overlap(a: float, b: float, c: float, d: float) -> float:
    return max(min(b, d) - max(a, c), 0.0)
