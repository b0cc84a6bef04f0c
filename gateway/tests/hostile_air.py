"""A device with a poor clock, two gateways, and somebody who holds back any frame for any time.

Everything is decided by a seed. A gateway checks what it is told against the truth, which only the
world knows: `Broken` is raised where a verdict is wrong.
"""

import heapq
import math
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from gateway.events import Freshness
from gateway.frames.device_clock import DeviceClock
from gateway.frames.freshness import MARK_PAGES, Told, judge

TURN_S = 32_752
HOUR_S = 3_600
DAY_S = 86_400
PLANS = ("honest", "lossy", "random", "whole_turns", "constant", "creeping", "one_gateway", "reset")


class Broken(Exception):
    """An invariant does not hold."""


@dataclass(frozen=True)
class Frame:
    counter: int
    time: int
    sent_at: float
    marks: int  # bit n: an answer of the gateway with mark n to the counter before was heard


class Device:
    """SPEC 5.1 and 5.3 as a device keeps them; the rate of its clock changes whenever it likes."""

    def __init__(self, random: Random, now: float) -> None:
        self.random = random
        self.rates = random.choice(((0.95, 0.95), (1.05, 1.05), (0.95, 1.05), (0.99, 1.01)))
        self.heartbeat_s = random.choice((10, 60, 300, 300, 300, 900, 3_600, 14_400, 86_400))
        self.next = random.randrange(0, 1_000)
        self.reserved = self.next
        self.writes = 1.0
        self.last_four: list[Frame] = []
        self.shown = random.uniform(0, 10 * TURN_S)
        self.at = now
        self.restart(now, keeps_clock=False)

    def restart(self, now: float, *, keeps_clock: bool) -> None:
        self.run_on(now)
        if not keeps_clock:
            self.shown = self.random.choice((0.0, self.random.uniform(0, TURN_S)))
        self.next = self.reserved
        self.known = False
        self.heard = 0
        self.last_four.clear()
        self.settled_at = now if keeps_clock else now + 60
        self._reserve(now)

    def run_on(self, now: float) -> None:
        low, high = self.rates
        rate = self.random.choice((low, high, self.random.uniform(low, high)))
        self.shown += rate * (now - self.at)
        self.at = now

    def press(self, now: float) -> None:
        self.settled_at = min(self.settled_at, now)
        self._reserve(now)
        self.next = (self.next + 15) & ~15

    def send(self, now: float, *, heartbeat: bool) -> Frame:
        self.run_on(now)
        counter = self.next
        self.next += 1
        tells = self.known and self.reserved - self.next >= 32
        time = math.floor(self.shown / 16) % 2047 if tells else 2047
        marks = self.heard if heartbeat and counter % 8 in MARK_PAGES else 0
        self.heard = 0  # it is of the frame before, and of no other
        frame = Frame(counter, time, now, marks)
        self.last_four = [*self.last_four, frame][-4:]
        if self.random.random() < self.writes:  # or the power goes before the flash is written
            self._reserve(now)
        return frame

    def hear(self, counter: int, mark: int, now: float) -> None:
        if not self.last_four or now - self.last_four[-1].sent_at > 8:
            return  # no window is open
        if counter in [frame.counter for frame in self.last_four]:
            self.known = True
            # The window is closed by the first answer, but for one frame in eight.
            if counter == self.last_four[-1].counter and (not self.heard or counter % 8 == 6):
                self.heard |= 1 << mark

    def _reserve(self, now: float) -> None:
        settled = now >= self.settled_at
        if self.reserved - self.next < (48 if settled else 1):
            self.reserved = self.next + (64 if settled else 8)


@dataclass
class Gateway:
    mark: int
    ahead_s: float  # of true time
    clock: DeviceClock = field(default_factory=DeviceClock)
    counters: set[int] = field(default_factory=set)
    highest: int = -1
    delay_at: dict[float, float] = field(default_factory=dict)
    verdicts: Counter[Freshness] = field(default_factory=Counter)
    missed: int = 0  # frames that were in time, of a clock certified lately, and yet not fresh

    def take(self, frame: Frame, heartbeat_s: int, true_now: float) -> bool:
        """Return whether it was accepted, and so is answered."""
        if frame.counter in self.counters or frame.counter <= self.highest - 1_024:
            return False
        in_order = frame.counter > self.highest
        now = true_now + self.ahead_s
        delay_s = true_now - frame.sent_at
        told = Told(frame.counter, frame.time, in_order, heard=bool(frame.marks >> self.mark & 1))
        before = self.clock
        verdict, self.clock = judge(before, told, heartbeat_s, now)
        self.counters.add(frame.counter)
        self.highest = max(self.highest, frame.counter)
        self.delay_at[now] = delay_s
        self._check(verdict, delay_s, now)
        self.verdicts[verdict] += 1
        if before.line and in_order and delay_s <= 8 and verdict is not Freshness.FRESH:
            self.missed += 1
        return True

    def restart(self, random: Random, true_now: float) -> None:
        """Stored in the seconds of the wall clock, which may have been set any number of times."""
        wall_ahead_s = random.uniform(-1e6, 1e6)
        stored = self.clock.moved(wall_ahead_s - self.ahead_s).to_bytes()
        known = random.random() < 0.6
        self.ahead_s = wall_ahead_s if known else random.uniform(-1e6, 1e6)
        self.clock = DeviceClock.from_bytes(stored) if known else DeviceClock()
        self.delay_at = {}

    def _check(self, verdict: Freshness, delay_s: float, now: float) -> None:
        line = self.clock.line
        if verdict is Freshness.DELAYED and delay_s <= 8:
            raise Broken(f"delayed, though only {delay_s} s late")
        if line is None:
            if verdict is Freshness.FRESH:
                raise Broken("fresh without a certified clock")
            return
        if self.delay_at.get(line.certified_at, 0) > 8:
            raise Broken(f"certified a frame {self.delay_at[line.certified_at]} s late")
        if verdict is Freshness.FRESH:
            age_s = now - line.certified_at
            if age_s > DAY_S or delay_s > 48 + 0.1 * age_s + 1e-3:
                raise Broken(f"fresh, though {delay_s} s late, {age_s} s after certification")


class World:
    """Frames travel as `plan` has it; answers come back, or not."""

    def __init__(self, seed: str, plan: str) -> None:
        self.random = Random(seed)
        self.plan = plan
        self.now = self.random.uniform(0, 1e6)
        self.began = self.now
        self.device = Device(self.random, self.now)
        self.device.writes = 1.0 if plan == "honest" else 0.9
        self.gateways = [Gateway(mark, self.random.uniform(-1e6, 1e6)) for mark in (1, 2)]
        self.on_way: list[tuple[float, int, int, Frame]] = []
        self.sent = 0
        self.jammed_until = self.now
        self.hold_s = self.random.choice((60, 600, HOUR_S, 5 * HOUR_S, TURN_S, DAY_S))
        self.creep = self.random.uniform(0.02, 0.5)
        self.loss = 0.0 if plan == "honest" else self.random.choice((0.0, 0.1, 0.5))

    def run(self, frames: int) -> None:
        while self.sent < frames:
            self._happen()
        self._deliver_until(math.inf)

    def _happen(self) -> None:
        chance = self.random.random()
        interval_s = self.device.heartbeat_s
        if chance < 0.05:
            self._alert()
        elif chance < 0.06 and self.plan != "honest":
            self.jammed_until = self.now + self.random.choice((HOUR_S, 12 * HOUR_S, 10 * DAY_S))
        elif chance < 0.062 and self.plan != "honest":  # without a battery in a drawer
            self._wait(self.random.choice((12 * HOUR_S, 182 * DAY_S)))
            self.device.restart(self.now, keeps_clock=False)
        elif chance < (0.1 if self.plan == "reset" else 0.065) and self.plan != "honest":
            self.device.restart(self.now, keeps_clock=self.random.random() < 0.3)
        elif chance < 0.075 and self.plan != "honest":
            self.random.choice(self.gateways).restart(self.random, self.now)
        # The device counts the interval, 0.5 to 1.5 of it, with its own clock.
        self._wait(self.random.uniform(0.5, 1.5) * interval_s / max(self.device.rates))
        self._send(heartbeat=True)

    def _alert(self) -> None:
        self.device.press(self.now)
        for _ in range(self.random.choice((1, 5, 40))):
            self._send(heartbeat=False)
            self._wait(self.random.choice((1, 2, 5, 10)))

    def _wait(self, seconds: float) -> None:
        self._deliver_until(self.now + seconds)
        self.now += seconds

    def _send(self, *, heartbeat: bool) -> None:
        frame = self.device.send(self.now, heartbeat=heartbeat)
        self.sent += 1
        for number in range(len(self.gateways)):
            for _ in range(self.random.choice((1, 1, 2))):
                delay_s = self._delay_s(number)
                if delay_s is not None:
                    at = self.now + delay_s
                    heapq.heappush(self.on_way, (at, self.random.getrandbits(40), number, frame))

    def _delay_s(self, number: int) -> float | None:
        random, way_s = self.random, self.random.uniform(0, 6)
        jammed = self.now < self.jammed_until
        if self.plan in ("honest", "lossy", "reset"):
            return None if jammed or random.random() < self.loss else way_s
        if self.plan == "constant" or (self.plan == "one_gateway" and number == 0):
            return self.hold_s + way_s if jammed or self.plan == "one_gateway" else way_s
        if self.plan == "creeping":
            honest_s = 20 * self.device.heartbeat_s
            return way_s + number * self.creep * max(0.0, self.now - self.began - honest_s)
        if self.plan == "whole_turns" and random.random() < 0.2:
            return TURN_S * random.choice((1, 1, 2, 7)) + random.uniform(-60, 60)
        if random.random() < 0.3 or jammed:
            return None if random.random() < 0.5 else random.expovariate(1 / self.hold_s)
        return way_s

    def _deliver_until(self, end: float) -> None:
        while self.on_way and self.on_way[0][0] <= end:
            at, _, number, frame = heapq.heappop(self.on_way)
            gateway = self.gateways[number]
            accepted = gateway.take(frame, self.device.heartbeat_s, at)
            if accepted and self.random.random() >= self.loss:
                self.device.hear(frame.counter, gateway.mark, at)
