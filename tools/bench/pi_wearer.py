"""A wearer for the bench with real BlueZ, at frame level: the firmware's own alert, an antenna on the air.

Hundreds of them are no burden, as that many virtual boards would be. What decides when a frame is due and
what is felt is `firmware.core.alert`. All of it belongs to the world's thread.
"""

from collections.abc import Callable
from random import Random

from firmware.core.alert import Alert
from gateway.tests.player import Wearer
from protocol import advert
from protocol.errors import ProtocolError
from protocol.identity import next_first
from protocol.kinds import NONE, PANIC, STORED
from tools.virtual.ble_air import ADV_SCAN_IND, Report
from tools.virtual.clock import Timer
from tools.virtual.world import World

_SLOW_MS = 300_000
_ADVERTISE_US = 20_000
_ALERT_BURST_MS = 600
_HEARTBEAT_BURST_MS = 120
_SCAN_US = 30_000
_LOOK_EVERY_US = 20_000
_RANDOM = 1


class AirWearer:
    """One device. `on_frame` takes counter and frame of what is sent, `on_answer` counter and stage."""

    role = "button"
    heartbeat_s = 900

    def __init__(self, world: World, name: str, key: bytes, chance: Random) -> None:
        """Wear it, in reach and silent."""
        self.name = name
        self.key = key
        self.hand = Wearer(key)
        self.on_answer: Callable[[int, int], None] = lambda _counter, _stage: None
        self.on_frame: Callable[[int, bytes], None] = lambda _counter, _frame: None
        self._clock = world.clock
        self._chance = chance
        self._radio = world.ble.radio(name, self._heard)
        self._radio.scan(_SCAN_US, _SCAN_US)
        self._alert = Alert(_SLOW_MS)
        self._end: Timer | None = None

    def press(self) -> str:
        """Begin an alert, refreshed until an answer says that it is stored; return the incident."""
        first = self.hand.first = self.hand.counter = next_first(self.hand.counter)
        self._alert.raise_new(PANIC, 0, first, self._now_ms())
        self._poll()
        return self.hand.incident

    def heartbeat(self) -> None:
        """Say once that it lives, and that it listens."""
        self._send(self.hand.heartbeat(), _HEARTBEAT_BURST_MS)

    def _poll(self) -> None:
        if not self._alert.open:
            return
        now_ms = self._now_ms()
        if self._alert.due(now_ms):
            word = self._alert.word(self.hand.counter, self.hand.time, now_ms)
            self._send(self.hand.protect(word), _ALERT_BURST_MS)
        self._clock.after(_LOOK_EVERY_US, self._poll)

    def _send(self, frame: bytes, burst_ms: int) -> None:
        """Advertise a frame for a while, from an address of its own."""
        self.on_frame(self.hand.counter - 1, frame)
        address = bytearray(self._chance.randbytes(6))
        address[0] &= 0x3F  # non-resolvable
        report = Report(_RANDOM, bytes(address), ADV_SCAN_IND, 0, bytes(advert.to_advert(frame)))
        if self._end is not None:
            self._end.cancel()
        self._radio.advertise(_ADVERTISE_US, report)
        self._end = self._clock.after(burst_ms * 1000, self._radio.stop_advertising)

    def _heard(self, report: Report) -> None:
        try:
            heard = self.hand.read(advert.from_advert(report.data))
        except ProtocolError:
            return
        if heard is None:
            return
        counter, answer = heard
        if self._alert.open and self._alert.heard(answer.op, counter, self._now_ms()) != NONE:
            self._alert.open = answer.op < STORED  # nobody is there to take it: it is quiet now
            self._radio.stop_advertising()
        self.on_answer(counter, answer.op)

    def _now_ms(self) -> int:
        return self._clock.now_us // 1000 % (1 << 30)
