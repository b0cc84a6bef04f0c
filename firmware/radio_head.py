"""The radio head: hears frames for a gateway and puts its answers on air. It holds no keys."""

import os

from firmware.boards.pins import HeadPins
from firmware.core.settings import Settings
from firmware.core.ticks import add, diff
from firmware.core.transmit_queue import TransmitQueue
from firmware.hal import clock
from firmware.hal.ble import Ble
from firmware.hal.uart import Uart
from firmware.hal.wait import Waiter, WakeFlag
from protocol import link_messages as link
from protocol.advert import frame_span, to_advert
from protocol.constants import FRAME_MAX
from protocol.portable import const
from protocol.serial_link import SerialLink, to_wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BUILD = const(1)
_SCAN_US = const(30_000)
_HEARD_SLOTS = const(64)
_STATS_MS = const(5_000)
_NOISE_UNKNOWN = const(-128)


class RadioHead:
    """The wiring: `run` never returns."""

    def __init__(self, pins: HeadPins) -> None:
        """Take the pin map."""
        self._flag = WakeFlag()
        self._waiter = Waiter(self._flag)
        self._uart = Uart(pins.uart, pins.uart_tx, pins.uart_rx, pins.uart_baud)
        self._waiter.watch(self._uart.stream)
        self._link = SerialLink()
        self._queue = TransmitQueue()
        self._radio = Ble(frame_span, self._flag, _HEARD_SLOTS)
        self._advertise_us = pins.advertise_us
        self._on_air: "bytes | None" = None
        self._frame = bytearray(FRAME_MAX + 1)
        self._boot = int.from_bytes(os.urandom(4), "big")
        self._stats_ms = clock.now_ms()
        self._lost = 0  # messages the serial line did not take
        self._cut_short = False

    def run(self) -> None:
        """Serve for ever."""
        self._radio.scan(_SCAN_US, _SCAN_US)
        self._say_hello()
        while True:
            now_ms = clock.now_ms()
            self._report_frames(now_ms)
            self._obey(now_ms)
            self._transmit(now_ms)
            self._report_stats(now_ms)
            wait_ms = max(0, diff(self._stats_ms, now_ms))
            turn_ms = self._queue.wait_ms(now_ms)
            self._waiter.wait(min(wait_ms, turn_ms) if turn_ms >= 0 else wait_ms)

    def _report_frames(self, now_ms: int) -> None:
        length = self._radio.take(self._frame)
        while length:
            frame = bytes(self._frame[:length])
            self._say(link.Received(link.BLE, self._radio.rssi, 0, now_ms, frame))
            length = self._radio.take(self._frame)

    def _obey(self, now_ms: int) -> None:
        self._link.feed(self._uart.read())
        message = self._link.take()
        while message is not None:
            self._do(message, now_ms)
            message = self._link.take()

    def _do(self, message: link.LinkMessage, now_ms: int) -> None:
        if isinstance(message, link.Transmit):
            if message.medium == link.BLE:
                self._queue.put(message.id, message.slot, message.frame, message.ms, now_ms)
            else:
                self._say(link.Done(message.id, link.REFUSED))
        elif isinstance(message, link.Ping):
            self._say(link.Pong(message.token))
        elif isinstance(message, link.HelloRequest):
            self._say_hello()

    def _transmit(self, now_ms: int) -> None:
        frame = self._queue.poll(now_ms)
        if frame is not self._on_air:
            self._on_air = frame
            if frame is None:
                self._radio.stop_advertising()
            else:
                self._radio.advertise(to_advert(frame), self._advertise_us)
        while self._queue.ended:
            ident, status = self._queue.ended.pop(0)
            self._say(link.Done(ident, status))

    def _report_stats(self, now_ms: int) -> None:
        if diff(now_ms, self._stats_ms) < 0:
            return
        self._stats_ms = add(now_ms, _STATS_MS)
        dropped = self._radio.dropped + self._lost
        self._say(link.Stats(link.BLE, _NOISE_UNKNOWN, 0, self._radio.foreign, dropped))
        self._radio.foreign = self._radio.dropped = self._lost = 0

    def _say_hello(self) -> None:
        self._say(link.Hello(link.LINK_VERSION, link.CAP_BLE, BUILD, self._boot))

    def _say(self, message: link.LinkMessage) -> None:
        # A message cut short would take the next with it, unless that begins with an end.
        wire = b"\x00" + to_wire(message) if self._cut_short else to_wire(message)
        self._cut_short = not self._uart.write(wire)
        if self._cut_short:
            self._lost += 1


def run(_settings: Settings, board: "Any") -> None:  # noqa: ANN401  a module
    """Run on `board`."""
    RadioHead(board.RADIO_HEAD).run()
