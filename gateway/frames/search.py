"""The search for frames the look-ahead does not expect: bounded memory, budgeted time, likely first.

What a frame costs on arrival does not depend on how many devices are lost: one look into what is
expected here, one entry among the unresolved. The work is done by `sweep`, which computes hints and
looks them up among the unresolved:

    expected   of devices that were silent for long: the first frames of every alert they may raise about
               where their counter must be by now. Kept, so that such an alert is found as it arrives.
    likely     all counters about there, again and again
    outward    all counters from there to 2^20 above the highest; devices lost for long before the rest

A flood makes an unresolved frame leave earlier, and nothing slower.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

from gateway.events import Received
from gateway.frames.device import Device
from gateway.frames.hint_comb import EVERY, FIRST_FOUR, STARTS, WHOLE, Comb, hint_number
from gateway.frames.lookahead import CHUNK, Chunk
from gateway.frames.search_track import Track
from gateway.frames.unresolved import OF_ONE_HINT, Unresolved
from protocol.constants import HINT_LEN
from protocol.errors import BadTag

EXPECTED_MAX = 1 << 18  # hints, 90 bytes each, 24 MB in all
EXPECTED_OF_ONE_MAX = 2048  # preparing one device is a unit of work that is not interrupted
RECOGNISED_MAX = 1024  # hints, 2 kB each where each has a chunk of its own
_FOUND_AT_ONCE = RECOGNISED_MAX // 2  # and the hints of one unit of work, 256, at most
KEPT_S = 600.0  # a frame as old as that has been followed by others
_REVIEW_EVERY_S = 60.0
_DRIFTED = 32  # counters; half of the least margin about what is likely


class Search:
    """Beside the look-ahead: `first` what it does not know, else `put`, and `sweep` now and then."""

    def __init__(self, expected_max: int = EXPECTED_MAX) -> None:
        """Begin with no device."""
        self._expected_max = expected_max
        self._tracks: dict[str, Track] = {}
        self._astray: dict[str, Track] = {}
        self._at_hand: dict[str, Track] = {}
        self._unresolved = Unresolved()
        self._expected: dict[int, Track] = {}
        self._recognised: OrderedDict[int, tuple[Chunk, ...]] = OrderedDict()
        self._stale: dict[str, None] = {}
        self._found: list[tuple[Received, Chunk]] = []
        self._now = 0.0
        self._review_due = 0.0
        self._owed_s = 0.0
        self._put_count = 0
        likely = self._likely()
        self._lanes = cycle(
            (likely, self._outward(self._astray), likely, self._outward(self._at_hand))
        )

    def add(self, device: Device, highest: int, at: float) -> None:
        """Search for `device`, which had reached `highest` (-1: nothing) at `at`, Unix seconds."""
        self.remove(device.id)
        self._tracks[device.id] = Track(device, highest, at)
        self._stale[device.id] = None

    def remove(self, name: str) -> None:
        """Search for it no more."""
        track = self._tracks.pop(name, None)
        if track is not None:
            for group in self._stale, self._astray, self._at_hand:
                group.pop(name, None)
            self._expect(track, range(0))
            for hint, chunks in list(self._recognised.items()):
                if any(chunk.device == name for chunk in chunks):
                    del self._recognised[hint]

    def advance(self, name: str, highest: int, at: float) -> None:
        """Know that the device was heard at `at`."""
        track = self._tracks[name]
        if highest > track.highest:
            track.heard(highest, at)
            if name in self._astray:
                self._stale[name] = None

    def mark(self, name: str, counter: int, at: float) -> None:
        """Learn from another gateway how far the device was at `at`. Moves the search, no window."""
        self._tracks[name].mark(counter, at)
        self._stale[name] = None

    def first(self, hint: bytes) -> Chunk | None:
        """Return a chunk known here that `hint` may belong to, as the look-ahead does."""
        number = hint_number(hint)
        known = self._recognised.get(number)
        if known is not None:
            return known[0]
        track = self._expected.get(number)
        if track is None:
            return None
        chunk = self._chunk_of(number, track)
        # Who sends this hint again and again causes no work beyond a tag check.
        self._recognise(number, chunk)
        return chunk

    def others(self, hint: bytes) -> Sequence[Chunk]:
        """Return what `hint` may belong to as well."""
        number = hint_number(hint)
        known, track = self._recognised.get(number, ()), self._expected.get(number)
        if track is None or any(chunk.device == track.device.id for chunk in known):
            return known[1:]
        return *known[1:], self._chunk_of(number, track)

    def keep(self, received: Received) -> bool:
        """Keep a frame if `first` knows nothing of its hint; say whether. This is what a flood costs."""
        hint = hint_number(received.frame)
        if hint in self._expected or hint in self._recognised:
            return False
        self._unresolved.put_hint(hint, received)
        self._put_count += 1
        return True

    def put(self, received: Received) -> None:
        """Keep a frame nobody could resolve."""
        self._unresolved.put(received)
        self._put_count += 1

    def sweep(self, now: float, budget_s: float, clock: Callable[[], float]) -> list[Received]:
        """Search until `clock`, that of `Received.monotonic`, has gone on by `budget_s`.

        Return the frames whose tag is right, to be authenticated again: `first` knows them now. What one
        call takes too long, by a unit of work, the next has less. `now`: Unix seconds.
        """
        begun = clock()
        self._now = now
        self._unresolved.drop_before(begun - KEPT_S)
        if begun >= self._review_due:
            self._review_due = begun + _REVIEW_EVERY_S
            self._stale |= dict.fromkeys(self._tracks)
        until = begun + budget_s - self._owed_s
        while clock() < until and len(self._found) < _FOUND_AT_ONCE and self._work():
            pass
        # What is left of a budget is not saved up: a sweep is never longer than a unit above it.
        self._owed_s = max(clock() - until, 0.0)
        found, self._found = self._found, []
        for received, chunk in found:  # whatever else was come upon meanwhile, these are known
            self._recognise(hint_number(received.frame), chunk)
        return [received for received, _ in found]

    def __len__(self) -> int:
        """Count the frames that wait."""
        return len(self._unresolved)

    @property
    def busy(self) -> bool:
        """Say whether the next sweep has anything to do."""
        return bool(self._stale or (self._unresolved and self._tracks))

    @property
    def expecting(self) -> int:
        """Count the hints kept beyond the look-ahead."""
        return len(self._expected)

    def _wanted(self, track: Track) -> range:
        hints = min(self._expected_max // len(self._tracks), EXPECTED_OF_ONE_MAX)
        return track.likely(self._now, hints * 4)  # FIRST_FOUR of 16

    def _work(self) -> bool:
        """Do one unit of work; say whether there was any."""
        if self._stale:
            name = next(iter(self._stale))
            del self._stale[name]
            self._review(self._tracks[name])
            return True
        if not self._unresolved:
            return False
        return any(next(next(self._lanes)) for _ in range(4))

    def _review(self, track: Track) -> None:
        """Expect what is likely, where that is no longer what it was."""
        astray = track.astray(self._now)
        left, right = (self._at_hand, self._astray) if astray else (self._astray, self._at_hand)
        left.pop(track.device.id, None)
        right[track.device.id] = track
        wanted, expected = self._wanted(track) if astray else range(0), track.expected
        if bool(wanted) != bool(expected) or abs(wanted.start - expected.start) > _DRIFTED:
            self._expect(track, wanted)

    def _expect(self, track: Track, wanted: range) -> None:
        for first, teeth in FIRST_FOUR.spans(track.expected):
            for hint in FIRST_FOUR.hints(track.device.keys.up_hint, first, teeth):
                if self._expected.get(hint) is track:
                    del self._expected[hint]
        track.expected = wanted
        for first, teeth in FIRST_FOUR.spans(wanted):
            # Where two devices share a hint the later keeps it; the other's frame waits for a sweep.
            self._expected |= dict.fromkeys(self._test(track, FIRST_FOUR, first, teeth), track)

    def _likely(self) -> Iterator[bool]:
        tested = 0
        while True:
            if tested == self._put_count or not self._tracks:
                yield False
                continue
            tested = self._put_count
            for track in list(self._tracks.values()):
                counters = track.likely(self._now)
                for comb in STARTS, EVERY:
                    for first, _ in comb.spans(counters):
                        self._test(track, comb, first)
                        yield True

    def _outward(self, tracks: dict[str, Track]) -> Iterator[bool]:
        while True:
            for track in list(tracks.values()):
                track.next_step(self._now)
                for comb in STARTS, EVERY:
                    place = track.place(comb.span)
                    if place is not None:
                        self._test(track, comb, place * comb.span)
                        yield True
            if not tracks:
                yield False

    def _test(self, track: Track, comb: Comb, first: int, teeth: range = WHOLE) -> list[int]:
        """Look for what waits among the hints of `track` from `first` on; return these."""
        hints = comb.hints(track.device.keys.up_hint, first, teeth)
        for hint in self._unresolved.hints & hints:
            for at, other in enumerate(hints, teeth.start):
                if other == hint:
                    self._match(track, first + comb.offsets[at], hint)
        return hints

    def _match(self, track: Track, counter: int, hint: int) -> None:
        """Let the tag decide whether a frame that waits is this one."""
        if counter not in track.reach or self._tracks.get(track.device.id) is not track:
            return
        chunk = track.chunk_at(counter)
        frames = self._unresolved.of_hint(hint)
        right = [received for received in frames if _verifies(chunk, counter, received.frame)]
        if right:
            self._found += [(received, chunk) for received in right]
            self._unresolved.drop(hint)
            for other in frames:
                if other not in right:  # another device may have sent it
                    self._unresolved.put(other)
        elif len(frames) < OF_ONE_HINT:
            return  # chance, or somebody has copied the hint
        # Where the frame with the right tag may have been refused, know it when it comes again.
        self._recognise(hint, chunk)
        if counter <= track.highest:  # the look-ahead will not follow a clone
            for at in range((counter - chunk.first) * HINT_LEN, CHUNK * HINT_LEN, HINT_LEN):
                self._recognise(hint_number(chunk.hints[at : at + HINT_LEN]), chunk)

    def _chunk_of(self, hint: int, track: Track) -> Chunk:
        """Return the chunk of the counter whose expected hint is `hint`."""
        counter = next(
            first + FIRST_FOUR.offsets[teeth.start + hints.index(hint)]
            for first, teeth in FIRST_FOUR.spans(track.expected)
            if hint in (hints := FIRST_FOUR.hints(track.device.keys.up_hint, first, teeth))
        )
        return track.chunk_at(counter)

    def _recognise(self, hint: int, chunk: Chunk) -> None:
        known = self._recognised.get(hint, ())
        others = [one for one in known if one.device != chunk.device]
        self._recognised[hint] = (chunk, *others[: OF_ONE_HINT - 1])
        if len(self._recognised) > RECOGNISED_MAX:
            self._recognised.popitem(last=False)


def _verifies(chunk: Chunk, counter: int, frame: bytes) -> bool:
    try:
        chunk.unprotect(counter, frame)
    except BadTag:
        return False
    return True
