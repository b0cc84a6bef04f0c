"""A site on virtual time: devices that were silent, a flood, and a search paid by the AES block."""

import random
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from unittest import mock

from gateway.events import Received, Uplink
from gateway.frames.authenticate import authenticate
from gateway.frames.device import Device
from gateway.frames.device_state import DeviceState
from gateway.frames.hint_comb import EVERY, WHOLE
from gateway.frames.lookahead import LookAhead
from gateway.frames.search import Search
from gateway.tests.player import Wearer
from protocol.aes import Aes
from protocol.errors import BadTag, UnknownDevice
from protocol.keys import Keys
from protocol.kinds import PANIC, heartbeat_word, incident_word
from tools.bench.site import TableAes

NOW = 1_800_000_000.0
TICK_S = 0.01
SHARE = 0.1  # of a core
# Seconds a block, with all that a sweep does about it, at least three times what was measured: 0.08 us
# with AES instructions; 0.15 us without on the same machine, which is 5 times as fast as a Pi 4.
WITH_AES_S = 0.25e-6
WITHOUT_AES_S = 1.5e-6


class Clock:
    """Time that passes when it is told to, and while blocks are encrypted."""

    def __init__(self, block_s: float) -> None:
        self.now = 0.0
        self.block_s = block_s

    def __call__(self) -> float:
        return self.now


class Site:
    """A gateway as far as resolving goes, with `sweep` called as a running one would."""

    def __init__(self, block_s: float = WITH_AES_S, heartbeat_s: int = 300) -> None:
        self.clock = Clock(block_s)
        self.lookahead = LookAhead()
        self.search = Search()
        self.states: dict[str, DeviceState] = {}
        self.wearers: dict[str, Wearer] = {}
        self.accepted: list[tuple[float, str, int]] = []
        self.longest_sweep_s = 0.0
        self.blocks = 0
        self._heartbeat_s = heartbeat_s

    def enrol(self, name: str, highest: int = -1, silent_s: float = 0.0) -> Wearer:
        key = name.encode().rjust(16, b"-")
        self.wearers[name] = wearer = wearer_of(key)
        keys = copy(wearer.keys)
        keys.up_hint = Paid(wearer.keys.up_hint, self._pay)
        self.states[name] = state = DeviceState(highest + 1)
        device = Device(1, name, "button", "", "", self._heartbeat_s, 0, 0.0, keys)
        self.lookahead.add(name, keys, state.window.highest)
        self.search.add(device, state.window.highest, NOW - silent_s)
        return wearer

    def hear(self, frame: bytes, radio: str = "head") -> Uplink | None:
        """Take a frame off the air; what nobody resolves waits."""
        return self._take(heard(frame, self.clock.now, radio))

    def tick(self) -> None:
        """Let the search have its share of the next 10 ms."""
        begun = self.clock.now
        for received in self.search.sweep(NOW + begun, SHARE * TICK_S, self.clock):
            self._take(received)
        self.longest_sweep_s = max(self.longest_sweep_s, self.clock.now - begun)
        self.clock.now = max(begun + TICK_S, self.clock.now)

    def run(self, seconds: float) -> None:
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.tick()

    def _take(self, received: Received) -> Uplink | None:
        block_s, self.clock.block_s = self.clock.block_s, 0.0  # the path pays for itself
        try:
            return self._authenticate(received)
        finally:
            self.clock.block_s = block_s

    def _authenticate(self, received: Received) -> Uplink | None:
        states = self.states.__getitem__
        try:
            result = authenticate(received, self.lookahead, states)
        except (UnknownDevice, BadTag):
            if self.search.first(received.frame[:4]) is None:
                self.search.put(received)
                return None
            try:
                result = authenticate(received, self.search, states)
            except BadTag:
                self.search.put(received)
                return None
        if not isinstance(result, Uplink):
            return None
        state = self.states[result.device]
        state.accept(result.counter, received.frame)
        highest = state.window.highest
        self.lookahead.advance(result.device, highest)
        self.search.advance(result.device, highest, NOW + self.clock.now)
        self.accepted.append((self.clock.now, result.device, result.counter))
        return result

    def _pay(self, blocks: int) -> None:
        self.clock.now += blocks * self.clock.block_s
        self.blocks += blocks


@cache
def wearer_of(key: bytes) -> Wearer:
    return Wearer(key)


class Paid(Aes):
    """A cipher whose blocks cost."""

    def __init__(self, aes: Aes, pay: Callable[[int], None]) -> None:
        self._aes = aes
        self._pay = pay

    def encrypt(self, blocks: bytes | bytearray) -> bytes:
        self._pay(len(blocks) // 16)
        return self._aes.encrypt(blocks)

    def encrypt_into(
        self, blocks: bytes | bytearray | memoryview, out: bytearray | memoryview
    ) -> None:
        out[:] = self.encrypt(bytes(blocks))


def heard(frame: bytes, at: float = 0.0, radio: str = "head") -> Received:
    return Received(frame, radio, "ble", -60, 0, NOW + at, at)


def alert(wearer: Wearer, counter: int, first: int) -> bytes:
    word = incident_word(PANIC, 0, 0, (counter >> 4) - (first >> 4) & 63, 2047)
    return wearer.protect(word, counter=counter)


def heartbeat(wearer: Wearer, counter: int) -> bytes:
    return wearer.protect(heartbeat_word(1, 0, 5, 2047), counter=counter)


def flood(seed: int) -> Iterator[bytes]:
    """Frames like any other, from nobody."""
    source = random.Random(seed)
    while True:
        yield source.randbytes(15)


@dataclass(frozen=True)
class SweepFigures:
    """Wall-clock figures of this machine, for a benchmark; no test asserts on them."""

    us_a_counter: float
    s_of_a_core_to_the_end: float  # 2^20 counters of one device
    us_an_unknown_frame: float


def measure(*, aes_instructions: bool, spans: int = 2000, unknown: int = 40_000) -> SweepFigures:
    """Time a sweep over the counters of one device with a full set of unresolved frames."""
    with mock.patch("protocol.keys.Aes", Aes if aes_instructions else TableAes):
        keys = Keys(bytes(range(16)))
    search = Search()
    frames = [heard(frame) for _, frame in zip(range(unknown), flood(1), strict=False)]
    begun = perf_counter()
    for received in frames:
        search.put(received)
    put_us = (perf_counter() - begun) * 1e6 / len(frames)
    hints = search._unresolved.hints
    begun = perf_counter()
    for span in range(spans):
        _ = hints & EVERY.hints(keys.up_hint, span * EVERY.span, WHOLE)
    us = (perf_counter() - begun) * 1e6 / spans / EVERY.span
    return SweepFigures(us, us * 2**20 / 1e6, put_us)


@cache
def silent_weekend(seed: int) -> tuple[tuple[int, float], ...]:
    """Return (counters gone by, second of the press) for 1,000 devices unheard for 60 h.

    Heartbeats every 300 s jitter by a half, clocks are wrong by 5 %, every third device has raised an
    alert nobody heard for an hour, some were reset and skipped what they had reserved.
    """
    source = random.Random(seed)
    gone = []
    for _ in range(1000):
        clock = source.uniform(0.95, 1.05)
        beats = int(60 * 12 * clock + source.gauss(0, 8))
        unheard = source.choice((0, 0, 460)) + source.choice((0, 0, 0, 64))
        gone.append((beats + unheard, source.uniform(0, 1.5)))
    return tuple(gone)
