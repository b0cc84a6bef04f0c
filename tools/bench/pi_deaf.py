"""How long the gateway is deaf when its adapter fails at random, on real BlueZ.

    vanish   the adapter is pulled out, and put back seconds later: counted from when it is back
    hang     its chip answers nothing until it is reset: counted from the beginning
    deaf     its chip answers and hears nothing until it is told anew to scan: the same

It hears again when a heartbeat sent since then is answered on the air.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tools.bench.pi_wearer import AirWearer
from tools.demonstration.pi import RADIO, Pi
from tools.virtual.clock import Timer

BEAT_EVERY_US = 1_000_000
_GIVES_UP_S = 300.0
_AWAY_S = (1.0, 20.0)
_PAUSE_S = (3.0, 15.0)
KINDS = ("vanish", "hang", "deaf")


@dataclass(frozen=True)
class Deaf:
    """One fault, and how long nothing was heard because of it; `ended` False: it was given up.

    `told` is why the gateway has said that the radio is down, in order.
    """

    kind: str
    seconds: float
    ended: bool
    told: tuple[str, ...] = ()


class Heart:
    """A device that says every second that it lives; `answered` is the newest counter with an answer."""

    def __init__(self, pi: Pi, wearer: AirWearer) -> None:
        """Take a wearer who is enrolled."""
        self._pi = pi
        self._wearer = wearer
        self._next: Timer | None = None
        self.answered = -1
        wearer.on_answer = self._answered

    def begin(self) -> None:
        """Beat from now on."""
        self._pi.world.do(self._beat)

    def stop(self) -> None:
        """Beat no more."""
        if self._next is not None:
            self._pi.world.do(self._next.cancel)

    def _beat(self) -> None:
        self._wearer.heartbeat()
        self._next = self._pi.world.world.clock.after(BEAT_EVERY_US, self._beat)

    @property
    def next_counter(self) -> int:
        """Return the counter of the next beat: answers linger on the air, older ones prove nothing."""
        return self._wearer.hand.counter

    def _answered(self, counter: int, _stage: int) -> None:
        self.answered = max(self.answered, counter)


def measure(pi: Pi, wearer: AirWearer, seconds: float, seed: int = 1) -> list[Deaf]:
    """Let the adapter fail at random for so long; return what each came to."""
    chance = random.Random(seed)
    heart = Heart(pi, wearer)
    heart.begin()
    _until_heard(pi, heart)
    until_s = time.monotonic() + seconds
    found: list[Deaf] = []
    faults: dict[str, Callable[[], None]] = {
        "vanish": lambda: _vanish(pi, chance.uniform(*_AWAY_S)),
        "hang": lambda: pi.adapter.set_fault(hung=True, mends=True),
        "deaf": lambda: pi.adapter.set_fault(deaf=True, mends=True),
    }
    while time.monotonic() < until_s:
        kind = KINDS[len(found) % len(KINDS)] if len(found) < len(KINDS) else chance.choice(KINDS)
        told = pi.lines("fault", source=RADIO)
        faults[kind]()
        begun_s = time.monotonic()
        ended = _until_heard(pi, heart)
        took_s = time.monotonic() - begun_s
        found.append(Deaf(kind, took_s, ended, tuple(line.get("why", "") for line in told())))
        print(found[-1], flush=True)
        pi.adapter.set_fault()
        pi.pause(chance.uniform(*_PAUSE_S))
    heart.stop()
    return found


def _vanish(pi: Pi, away_s: float) -> None:
    pi.adapter.unplug()
    pi.pause(away_s)
    pi.adapter.plug()


def _until_heard(pi: Pi, heart: Heart) -> bool:
    since = heart.next_counter
    return pi.wait(lambda: heart.answered >= since, _GIVES_UP_S)
