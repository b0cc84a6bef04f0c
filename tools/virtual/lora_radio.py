"""A LoRa radio on a virtual air, the packets it sends and what it has of those it hears."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tools.virtual.clock import Clock, Timer
from tools.virtual.lora_signal import LOCK_SYMBOLS, Modulation, channel


@dataclass(eq=False, slots=True)
class Packet:
    """One transmission."""

    sender: "LoraRadio"
    modulation: Modulation
    payload: bytes
    dbm: float
    start_us: int
    preamble_end_us: int
    header_end_us: int
    end_us: int
    cut: bool = False  # the sender lost its power or was reset
    rssi: dict[str, float] = field(default_factory=dict)  # by who listened; fading drawn once

    @property
    def critical_us(self) -> int:
        """The moment from which on it must be understood."""
        return self.preamble_end_us - LOCK_SYMBOLS * self.modulation.symbol_us


@dataclass(frozen=True, slots=True)
class Reception:
    """A packet at its end, as one receiver has it."""

    payload: bytes
    whole: bool  # the CRC is right
    rssi: float
    snr: float


class Air(Protocol):
    """What a radio asks of the air it is on."""

    clock: Clock

    def send(self, sender: "LoraRadio", payload: bytes, dbm: float) -> Packet:
        """Put a packet on air."""

    def power_dbm(self, radio: "LoraRadio") -> float:
        """Return what a radio measures in its channel now."""

    def activity(self, radio: "LoraRadio", start_us: int) -> bool:
        """Say what activity detection from `start_us` until now has found."""


class LoraRadio:
    """One radio: idle, listening or transmitting. It tells its owner by the `on_` calls."""

    def __init__(self, air: Air, name: str) -> None:
        """Join `air`."""
        self.name = name
        self.clock = air.clock
        self.modulation = channel()
        self.locked: Packet | None = None
        self.on_preamble: Callable[[], None] = lambda: None
        self.on_header: Callable[[], None] = lambda: None
        self.on_bad_header: Callable[[], None] = lambda: None
        self.on_packet: Callable[[Reception], None] = lambda _reception: None
        self.on_sent: Callable[[], None] = lambda: None
        self.since_us: int | None = None  # when it began to listen
        self._air = air
        self._sending: Packet | None = None
        self._end: Timer | None = None

    def listen(self) -> None:
        """Listen from now on."""
        self.idle()
        self.since_us = self._air.clock.now_us

    def idle(self) -> None:
        """Stop whatever it does; a packet that is not ended is cut short."""
        self.since_us = None
        self.locked = None
        if self._sending is not None and self._end is not None:
            self._end.cancel()
            self._sending.end_us = self._air.clock.now_us
            self._sending.cut = True
            self._sending = None

    def search(self) -> None:
        """Leave the packet it follows, and look for a preamble from now on."""
        self.locked = None
        self.since_us = self.clock.now_us

    def transmit(self, payload: bytes, dbm: float) -> int:
        """Send `payload`, then be idle; return when it ends."""
        self.idle()
        self._sending = self._air.send(self, payload, dbm)
        self._end = self._air.clock.at(self._sending.end_us, self._sent)
        return self._sending.end_us

    @property
    def sending(self) -> bool:
        """Whether it transmits."""
        return self._sending is not None

    def rssi(self) -> float:
        """Return the power in the channel now, in dBm."""
        return self._air.power_dbm(self)

    def active(self, start_us: int) -> bool:
        """Say whether activity detection since `start_us` has noticed something."""
        return self._air.activity(self, start_us)

    def _sent(self) -> None:
        self._sending = None
        self.on_sent()
