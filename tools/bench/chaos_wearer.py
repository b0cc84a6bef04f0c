"""A wearer for the chaos: the firmware's own alert, played at frame level, in reach of the head or not.

What decides when a frame is due and what is felt is `firmware.core.alert`, as it is on the board. Some
wearers leave the moment they have felt that their alert is stored: the gateway has promised, and nobody
helps it to keep that.
"""

import random
import time
from collections import deque
from collections.abc import Callable

from firmware.core.alert import NO_INCIDENT, Alert
from gateway.tests.player import Wearer
from protocol.constants import COUNTER_LIMIT, HINT_LEN, LAST_COUNTERS
from protocol.errors import ProtocolError
from protocol.identity import next_first
from protocol.kinds import NONE, PANIC
from protocol.protect import Downlink
from tools.bench.chaos_account import Account, Pressed

_SLOW_MS = 300_000
_HEARTBEAT_S = (5.0, 15.0)
_LEAVES = 0.5


class ChaosWearer:
    """One device; `transmit` puts a frame on the air."""

    def __init__(
        self,
        name: str,
        key: bytes,
        account: Account,
        transmit: Callable[[bytes], object],
        chance: random.Random,
    ) -> None:
        """Wear it, in reach."""
        self.name = name
        self._account = account
        self._transmit = transmit
        self._chance = chance
        self._hand = Wearer(key)
        self._down = Downlink(self._hand.keys)
        self._expected: deque[bytes] = deque(maxlen=LAST_COUNTERS)  # hints of answers
        self._alert = Alert(_SLOW_MS)
        self._pressed: Pressed | None = None
        self._heartbeat_due = time.monotonic() + chance.uniform(*_HEARTBEAT_S)

    @property
    def quiet(self) -> bool:
        """Say whether no alert of it is open."""
        return not self._alert.open

    def press(self) -> None:
        """Begin an alert."""
        first = self._hand.first = self._hand.counter = next_first(self._hand.counter)
        self._alert.raise_new(PANIC, 0, first, _now_ms())
        self._pressed = self._account.press(self.name, self._hand.incident)

    def poll(self) -> None:
        """Send what is due."""
        if self._alert.due(_now_ms()):
            word = self._alert.word(self._hand.counter, self._hand.time, _now_ms())
            self._send(self._hand.protect(word))
        elif self.quiet and time.monotonic() >= self._heartbeat_due:
            self._heartbeat_due = time.monotonic() + self._chance.uniform(*_HEARTBEAT_S)
            self._send(self._hand.heartbeat())

    def hear(self, frame: bytes) -> None:
        """Take what the radio head transmits; it may be an answer to one of the last four frames."""
        if frame[:HINT_LEN] not in self._expected or self._away:
            return
        try:
            heard = self._hand.read(frame)
        except ProtocolError:
            return
        if heard is None or self._alert.first == NO_INCIDENT or self._pressed is None:
            return
        counter, answer = heard
        if self._alert.heard(answer.op, counter, _now_ms()) != NONE and not self._pressed.felt:
            self._pressed.felt = True
            self._pressed.left = self._chance.random() < _LEAVES

    @property
    def _away(self) -> bool:
        """Say whether it is out of reach: it comes back when its alert was told."""
        pressed = self._pressed
        return (
            pressed is not None and pressed.left and not self._account.delivered(pressed.incident)
        )

    def _send(self, frame: bytes) -> None:
        hint = bytearray(HINT_LEN)
        self._down.hint(self._hand.counter - 1, hint)
        self._expected.append(bytes(hint))
        if not self._away:
            self._transmit(frame)


def _now_ms() -> int:
    return int(time.monotonic() * 1000) % COUNTER_LIMIT
