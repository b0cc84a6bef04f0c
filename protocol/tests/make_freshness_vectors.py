"""Write the vectors of SPEC.md 5 from a second reading of its text: exact fractions, nothing of ours.

python -m protocol.tests.make_freshness_vectors        rewrites protocol/tests/vectors/freshness.json

Where the gateway keeps a clock turned to the last fresh frame, this keeps seconds that never turn and
tries every turn there is.
"""

import json
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

FILE = Path(__file__).parent / "vectors/freshness.json"
TURN = 16 * 2_047
DAY = 86_400
Frame = tuple[int, int, bool, int]  # counter, time, proves, received
Case = dict[str, object]


class Reader:
    """SPEC 5.4."""

    def __init__(self, heartbeat_s: int) -> None:
        self.heartbeat_s = heartbeat_s
        self.highest = -1
        self.last: tuple[int, int, int] | None = None
        self.forget()

    def forget(self) -> None:
        self.certified: int | None = None
        self.shown: list[tuple[Fraction, int]] = []  # what fresh frames showed, and when
        self.since = 0
        self.base = (0, 0)  # counter of the last fresh frame, and its seconds

    def allowance(self, since: int, now: int) -> Fraction:
        return 24 + Fraction(max(now - since, 0), 20)

    def verdict(self, frame: Frame) -> str:
        counter, time, proves, now = frame
        if counter < self.highest:
            return self.older(counter, time, now)
        self.highest = counter
        if time == 2_047:
            self.last = None
            self.forget()
            return "unverified"
        last, self.last = self.last, (counter, time, now)
        if last is None or counter - last[0] > 32:
            self.forget()
        elif proves and last[0] == counter - 1:
            since = last[0] if self.certified is None else self.since
            self.forget()
            self.since = since
            self.certified = last[2]
            self.base = (last[0], 16 * last[1])
            self.shown = [(Fraction(last[2] - 16 * last[1]), last[2])]
        return self.newer(counter, time, now, keep=True)

    def above(self, seconds: int, now: int) -> tuple[Fraction, Fraction, Fraction]:
        """Return how far above the lowest line, its tolerance, and the earliest possible."""
        assert self.certified is not None
        # The lowest line, now: each begins where a frame stood, and rises by a twentieth.
        offset, at = min(self.shown, key=lambda begun: begun[0] - Fraction(begun[1], 20))
        return (
            now - seconds - offset,
            self.allowance(at, now),
            -2 * self.allowance(self.certified, now),
        )

    def newer(self, counter: int, time: int, now: int, *, keep: bool) -> str:
        if self.certified is None or now - self.certified > DAY:
            return "unverified"
        base_counter, base_seconds = self.base
        seconds = next(s for s in range(base_seconds, base_seconds + TURN) if self.says(s, time))
        late, tolerance, earliest = self.above(seconds, now)
        if late < earliest:
            if keep:
                self.forget()
            return "unverified"
        if late <= tolerance:
            if keep:
                self.base = (counter, seconds)
                self.shown.append((Fraction(now - seconds), now))
            return "fresh"
        longest = (counter - base_counter) * (Fraction(3, 2) * self.heartbeat_s + 16) + 16
        for turns in range(1, 1_000):
            if earliest <= late - TURN * turns <= tolerance:
                possible = seconds + TURN * turns - base_seconds <= longest
                return "unverified" if possible else "delayed"
        return "delayed"

    def older(self, counter: int, time: int, now: int) -> str:
        if time == 2_047 or self.certified is None or counter < self.since:
            return "unverified"
        base_counter, base_seconds = self.base
        if counter > base_counter or now - self.certified > DAY:
            return self.newer(counter, time, now, keep=False)
        seconds = next(
            s for s in range(base_seconds, base_seconds - TURN, -1) if self.says(s, time)
        )
        late, tolerance, earliest = self.above(seconds, now)
        if late > tolerance:
            return "delayed"
        longest = (base_counter - counter) * (Fraction(3, 2) * self.heartbeat_s + 16) + 16
        one_turn = base_seconds - seconds + TURN > longest
        return "fresh" if earliest <= late and one_turn else "unverified"

    def says(self, seconds: int, time: int) -> bool:
        return seconds % 16 == 0 and seconds // 16 % 2_047 == time


def told(counter: int, shown: int, now: int, *, proves: bool = False) -> Frame:
    return counter, shown // 16 % 2_047, proves, now


BEGIN = [told(8, 0, 1_000), told(9, 320, 1_320, proves=True)]


def worked() -> list[Frame]:
    """SPEC 5.6."""
    return [
        (1, 2_047, False, 900),
        told(66, 0, 1_002),
        told(67, 304, 1_304, proves=True),
        told(68, 608, 1_611),
        told(69, 912, 1_945),
        told(96, 1_008, 2_010),
        told(95, 992, 2_011),
        told(70, 928, 2_100),
        told(97, 1_024, 5_624),
        told(98, 4_704, 5_705),
        told(131, 15_008, 16_010),
        told(132, 15_312, 16_313),
        told(133, 15_600, 16_602, proves=True),
        told(134, 15_904, 16_904 + TURN),
    ]


def drifting(rate_percent: int) -> list[Frame]:
    frames = list(BEGIN)
    for n in range(1, 120):
        shown = 320 + 437 * n * rate_percent // 100
        frames.append(told(9 + n, shown, 1_320 + 437 * n, proves=n % 40 == 0))
    return frames


def random_frames(name: str) -> list[Frame]:
    """Return frames of a device that is heard in time, late, out of order, or not at all."""
    digits = (byte for n in range(200) for byte in sha256(f"{name} {n}".encode()).digest())
    counter, shown, restarted = 8, 0, 0
    received: list[Frame] = []
    for _ in range(60):
        counter += 1 if next(digits) < 240 else next(digits) % 40
        shown += 150 + next(digits) * 300 // 256
        if next(digits) < 4:
            restarted += 7_000 * (1 + next(digits) % 7)
        late = next(digits) % 8
        if next(digits) < 40:
            late = (60, 900, 5_000, TURN, 2 * TURN, TURN - 400)[next(digits) % 6]
        time = 2_047 if next(digits) < 6 else (shown + restarted) // 16 % 2_047
        received.append((counter, time, next(digits) < 60, 1_000 + shown + late))
    return sorted(received, key=lambda frame: frame[3])


def cases() -> Iterator[tuple[str, int, list[Frame]]]:
    yield "worked table", 300, worked()
    for late in (26, 27):
        yield f"tolerance at once, {late} s", 300, [*BEGIN, told(10, 336, 1_336 + late)]
    for late in (214, 215):
        yield f"tolerance after an hour, {late} s", 300, [*BEGIN, told(10, 3_920, 4_920 + late)]
    for gap in (16, 32, 33):
        yield f"{gap} counters on", 300, [*BEGIN, told(9 + gap, 640, 1_640)]
    for turns in (1, 2, 3):
        yield f"held for {turns} turns", 300, [*BEGIN, told(10, 640, 1_640 + turns * TURN)]
    yield "a turn that may have been", 14_400, [*BEGIN, told(12, 40_000, 41_000)]
    yield "a turn that cannot have been", 14_400, [*BEGIN, told(10, 640, 1_640 + TURN)]
    older = [told(11, 640, 1_640), told(12, 20_640, 21_640), told(14, 45_640, 46_640)]
    yield "older by a turn", 14_400, [*BEGIN, *older, told(10, 45_640 - TURN, 46_650)]
    yield "older by minutes", 14_400, [*BEGIN, *older, told(13, 45_600, 46_650)]
    yield "older by seconds", 300, [*BEGIN, told(11, 640, 1_640), told(10, 624, 1_645)]
    yield "clock went back", 300, [*BEGIN, told(10, 160, 1_640), told(11, 460, 1_940)]
    yield "clock went ahead", 300, [*BEGIN, told(10, 4_000, 1_640), told(11, 4_300, 1_940)]
    yield "proof of another counter", 300, [told(8, 0, 1_000), told(10, 320, 1_320, proves=True)]
    yield "slow clock", 300, drifting(95)
    yield "fast clock", 300, drifting(105)
    daily = [told(n, 320 * n, 320 * n, proves=n == 9) for n in range(8, 290)]
    yield "certified a day ago", 300, daily
    for heartbeat_s in (300, 14_400):
        for n in range(6):
            yield f"random {heartbeat_s} {n}", heartbeat_s, random_frames(f"{heartbeat_s} {n}")


def text() -> str:
    made: list[Case] = []
    for name, heartbeat_s, frames in cases():
        reader = Reader(heartbeat_s)
        seen: set[int] = set()
        steps = []
        for frame in frames:
            if frame[0] not in seen:  # another frame with its counter is another class
                seen.add(frame[0])
                steps.append((*frame, reader.verdict(frame)))
        made.append({"name": name, "heartbeat_s": heartbeat_s, "steps": steps})
    return "[\n" + ",\n".join(json.dumps(case) for case in made) + "\n]\n"


def main() -> None:
    """Write them."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text())


if __name__ == "__main__":
    main()
