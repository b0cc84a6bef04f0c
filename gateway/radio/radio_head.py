"""A radio head behind a serial port: greeted, pinged, reopened when silent, wherever its node went."""

import asyncio
import random
import time
from collections import Counter

from gateway import pulse
from gateway.events import Fault, Received, Restore, Transmission
from gateway.radio import Deliver, LinkDown
from gateway.radio.head_report import HeadReport
from gateway.radio.port import Port, find
from gateway.radio.radio_config import LoraConfig
from protocol import link_messages
from protocol.airtime import window_ms
from protocol.link_messages import (
    ALWAYS,
    ANSWERED,
    BUSY,
    CAP_LORA,
    DUTY_CYCLE,
    LATE,
    LINK_VERSION,
    MEDIUM_NAMES,
    REFUSED,
    REPLACED,
    SENT,
    URGENT,
    LinkMessage,
)
from protocol.serial_link import SerialLink, to_wire

HELLO_WITHIN_S = 3.0
PING_EVERY_S = 5.0
PONG_WITHIN_S = 12.0
REOPEN_FIRST_S = 0.25
REOPEN_MAX_S = 2.0

_MEDIA = {name: number for number, name in MEDIUM_NAMES.items()}
_ENDS = {
    SENT: "sent",
    REPLACED: "replaced",
    REFUSED: "refused",
    BUSY: "channel_busy",
    DUTY_CYCLE: "no_airtime",
    LATE: "too_late",
    ANSWERED: "answered_by_another",
}
_ID_MODULUS = 1 << 16
_TOKEN_MODULUS = 1 << 32


class RadioHead:
    """The radio named `name` at the port, or pattern of ports, `pattern`."""

    def __init__(self, name: str, pattern: str, lora: LoraConfig | None = None) -> None:
        """Open nothing yet; `lora` is what the head is to use where it has LoRa."""
        self.name = name
        self.counts: Counter[str] = Counter()
        self.told = HeadReport(f"radio.{name}", lora or LoraConfig())
        self._pattern = pattern
        self._port: Port | None = None
        self._link = SerialLink()
        self._hello: asyncio.Future[link_messages.Hello] | None = None
        self._pong_at = 0.0
        self._boot = 0
        self._next = 0
        self._delay_s = REOPEN_FIRST_S

    @property
    def up(self) -> bool:
        """Say whether the head has been greeted and answers."""
        return self._hello is not None and self._hello.done() and not self._hello.cancelled()

    async def run(self, deliver: Deliver) -> None:
        """Keep the line open and hear."""
        source = f"radio.{self.name}"
        while True:
            pulse.beat()
            try:
                await self._serve(deliver, source)
            except LinkDown as down:
                deliver(Fault(source, "link_down", time.time(), down.reason))
            # Spread, so that several heads behind one hub do not come back at once.
            await asyncio.sleep(self._delay_s * random.uniform(0.75, 1.25))  # noqa: S311
            self._delay_s = min(self._delay_s * 2, REOPEN_MAX_S)

    def transmit(self, transmission: Transmission) -> None:
        """Hand a frame to the head; one that cannot be handed over is counted."""
        if not self.up:
            self.counts["not_sent"] += 1
            return
        ms = self._within_ms(transmission)
        if ms <= 0:
            self.counts["too_late"] += 1
            return
        number = self._number(_ID_MODULUS)
        medium = _MEDIA[transmission.medium]
        flags = transmission.urgent * URGENT | transmission.always * ALWAYS
        slot, frame = transmission.slot, transmission.frame
        self._write(link_messages.Transmit(number, slot, medium, flags, ms, frame))

    def _within_ms(self, transmission: Transmission) -> int:
        """Return for how long it makes sense: a device on battery listens for a window only (SPEC 9)."""
        if transmission.heard is None:
            return transmission.ms
        passed_s = time.clock_gettime(time.CLOCK_BOOTTIME) - transmission.heard
        window_s = window_ms(self.told.lora.sf) / 1000
        return 0 if passed_s > window_s else min(transmission.ms, int(1000 * (window_s - passed_s)))

    async def _serve(self, deliver: Deliver, source: str) -> None:
        """Open, greet, and ping until the line is down; raise `LinkDown`."""
        self._link = SerialLink()
        self._hello = asyncio.get_running_loop().create_future()
        port = Port(find(self._pattern), lambda data: self._heard(data, deliver))
        self._port = port
        try:
            port.write(b"\x00")  # ends what an earlier gateway may have left half written
            await self._greet(port)
            deliver(Restore(source, "link_down", time.time()))
            self._delay_s = REOPEN_FIRST_S
            await self._ping(port)
        finally:
            self._hello.cancel()
            self._hello = None
            self._port = None
            self.counts["dropped_writes"] += port.dropped
            self.counts.update({f"line_{reason}": n for reason, n in self._link.errors.items()})
            port.close()

    async def _greet(self, port: Port) -> None:
        hello_due = self._hello
        if hello_due is None:
            raise LinkDown("no_hello")
        self._write(link_messages.HelloRequest())
        done, _ = await asyncio.wait(
            (hello_due, port.down), timeout=HELLO_WITHIN_S, return_when=asyncio.FIRST_COMPLETED
        )
        if port.down in done:
            port.down.result()
        if hello_due not in done:
            raise LinkDown("no_hello")
        if hello_due.result().version != LINK_VERSION:
            raise LinkDown("wrong_version")

    async def _ping(self, port: Port) -> None:
        self._pong_at = time.monotonic()
        while True:
            pulse.beat()
            self._write(link_messages.Ping(self._number(_TOKEN_MODULUS)))
            done, _ = await asyncio.wait((port.down,), timeout=PING_EVERY_S)
            if done:
                port.down.result()
            if time.monotonic() - self._pong_at > PONG_WITHIN_S:
                raise LinkDown("silent")

    def _heard(self, data: bytes, deliver: Deliver) -> None:
        # It counts a sleep of this machine: a frame held back meanwhile is late (SPEC 5.2).
        at, monotonic = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
        # Fed in pieces, because the link keeps 64 messages at most.
        for start in range(0, len(data), 256):
            self._link.feed(data[start : start + 256])
            while (message := self._link.take()) is not None:
                self._take(message, deliver, at, monotonic)

    def _take(self, message: LinkMessage, deliver: Deliver, at: float, monotonic: float) -> None:
        match message:
            case link_messages.Hello():
                self._take_hello(message)
                self._say(self.told.take_hello(message, at), deliver)
            case link_messages.Received() if self.up:
                self.counts["received"] += 1
                medium = MEDIUM_NAMES.get(message.medium)
                if medium is None:
                    self.counts["unknown_medium"] += 1
                    return
                self.told.heard(medium)
                rssi, snr = message.rssi, message.snr
                deliver(Received(message.frame, self.name, medium, rssi, snr, at, monotonic))
            case link_messages.Pong():
                self._pong_at = time.monotonic()
            case link_messages.Done():
                self.counts[_ENDS.get(message.status, "ended_otherwise")] += 1
            case link_messages.Stats() if message.medium in MEDIUM_NAMES:
                self.told.take_stats(message)
            case link_messages.Identity() | link_messages.Health():
                self.told.take(message)
            case link_messages.Channel():
                self._say(self.told.take_channel(message, at), deliver)
            case _:
                self.counts["unexpected"] += 1

    @staticmethod
    def _say(event: Fault | Restore | None, deliver: Deliver) -> None:
        if event is not None:
            deliver(event)

    def _take_hello(self, hello: link_messages.Hello) -> None:
        if self._hello is None:
            return
        if hello.caps & CAP_LORA and hello.version == LINK_VERSION:
            for setting in self.told.settings():
                self._write(setting)
        if not self._hello.done():
            self._hello.set_result(hello)
        elif self._boot != hello.boot:
            self.counts["head_restarted"] += 1
        self._boot = hello.boot

    def _write(self, message: LinkMessage) -> None:
        if self._port is not None:
            self._port.write(to_wire(message))

    def _number(self, modulus: int) -> int:
        self._next += 1
        return self._next % modulus
