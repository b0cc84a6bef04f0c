"""Where the counter of a device most likely is by now, and which counters come next in likelihood."""

from gateway.frames.device import Device
from gateway.frames.lookahead import CHUNK, Chunk
from protocol.constants import COUNTER_LIMIT, WINDOW_BITS

REACH = 1 << 20  # counters above the highest accepted that are searched in the end
# The look-ahead finds a device this many heartbeats ahead of its highest, with something to spare.
_ASTRAY_AFTER = 32
_MARGIN = 64  # what resets skip, and the jitter of heartbeats
_DRIFT = 16  # an RC clock is wrong by 5 %: 1/16 is more
_FINEST = 256  # counters of one step outward
_UNHEARD_ALERT = 512  # counters of an alert-hour at most (SPEC 6.1)
_NO_MARK = (-1, 0.0)


class Track:
    """A device as the search sees it."""

    __slots__ = ("_anchor", "_at", "_mark", "_step", "device", "expected", "highest")

    def __init__(self, device: Device, highest: int, at: float) -> None:
        """`highest` accepted (-1: none) was what the device had reached at `at`, Unix seconds."""
        self.device = device
        self.highest = highest
        self._at = at
        self._mark = _NO_MARK
        self.expected = range(0)  # whose first frames are kept as expected
        self._step = -1  # of the way outward
        self._anchor = 0  # where that began

    def heard(self, highest: int, at: float) -> None:
        """Know that the device had reached `highest` at `at`."""
        self.highest = highest
        self._at = at
        if at >= self._mark[1]:  # heard since the mark, and below it: the mark was wrong
            self._mark = _NO_MARK
        self._step = -1

    def mark(self, counter: int, at: float) -> None:
        """Believe that it had reached `counter` at `at`: moves where the search begins, nothing else."""
        if counter > self._mark[0]:
            self._mark = (counter, at)
            self._step = -1

    @property
    def reach(self) -> range:
        """Every counter worth looking for: also those in the window, for a clone has them."""
        end = min(self.highest + REACH + 1, COUNTER_LIMIT)
        return range(max(self.highest - WINDOW_BITS + 1, 0), end)

    def centre(self, now: float) -> int:
        """Return the likeliest counter."""
        base, _ = self._base()
        reach = self.reach
        return max(min(base + self._heartbeats(now), reach.stop - 1), reach.start)

    def astray(self, now: float) -> bool:
        """Say whether the look-ahead may have lost the device; a clock behind its past cannot tell."""
        base, at = self._base()
        return base + self._heartbeats(now) > self.highest + _ASTRAY_AFTER or now < at

    def likely(self, now: float, width: int = REACH) -> range:
        """Return the counters a silent device most likely uses now, `width` at most."""
        margin = _MARGIN + self._heartbeats(now) // _DRIFT
        below, above = margin, margin + _UNHEARD_ALERT
        if below + above > width:
            below, above = width * below // (below + above), width * above // (below + above)
        centre = self.centre(now)
        reach = self.reach
        return range(max(centre - below, reach.start), min(centre + above, reach.stop))

    def next_step(self, now: float) -> None:
        """Go on outward; having been through everything, begin again."""
        reach = self.reach
        if self._step >= (reach.stop - reach.start) // _FINEST + 1:
            self._step = -1
        self._step += 1
        if self._step == 0:
            self._anchor = self.centre(now)

    def place(self, span: int) -> int | None:
        """Return which aligned `span` of counters this step has come to; None: all were before."""
        reach = self.reach
        places = range(reach.start // span, (reach.stop - 1) // span + 1)
        if not 0 <= self._step < len(places):
            return None
        return outward(self._step, self._anchor // span, places)

    def chunk_at(self, counter: int) -> Chunk:
        """Return the chunk of `counter`, against which a frame can be checked."""
        return Chunk(self.device.id, self.device.keys, counter // CHUNK * CHUNK)

    def _base(self) -> tuple[int, float]:
        """Return the highest counter known of, from here or elsewhere, and since when."""
        return self._mark if self._mark[0] > self.highest else (self.highest, self._at)

    def _heartbeats(self, now: float) -> int:
        _, at = self._base()
        return int(max(now - at, 0.0) / self.device.heartbeat_s)


def outward(step: int, centre: int, places: range) -> int:
    """Return the place that comes at `step` (below `len(places)`) outward from `centre`, in `places`."""
    below, above = centre - places.start, places.stop - 1 - centre
    near = min(below, above)
    if step <= 2 * near:
        return centre + (step + 1) // 2 * (1 if step % 2 else -1)
    return centre + (step - near) * (1 if above > below else -1)
