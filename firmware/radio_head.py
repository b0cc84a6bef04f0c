"""The radio head: hears frames for a gateway and puts its answers on air. It holds no keys."""

import os

from firmware import life
from firmware.core import makers, scan_watch
from firmware.core.chosen import Settings
from firmware.core.line_queue import FRAME, REPORT
from firmware.core.progress import LOOP, Progress
from firmware.core.scan_watch import ScanWatch
from firmware.core.ticks import add, diff
from firmware.core.transmit_queue import TransmitQueue
from firmware.hal import clock, power
from firmware.hal.ble import Ble
from firmware.hal.wait import Waiter, WakeFlag
from firmware.hal.watchdog import Watchdog
from firmware.head_line import Line
from protocol import link_messages as link
from protocol.advert import frame_span, to_advert
from protocol.constants import FRAME_MAX
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import HeadPins
    from firmware.head_line import Port
    from firmware.head_lora import HeadLora

BUILD = const(2)
_SCAN_US = const(30_000)
_HEARD_SLOTS = const(32)
_STATS_MS = const(5_000)
_HEALTH_MS = const(60_000)
_NOISE_UNKNOWN = const(-128)
_COUNT_MASK = const(0x1FFF_FFFF)
_LINE = const(1)  # duty of the watchdog beside LOOP: the line takes what waits
_PATIENCE_MS = const(60_000)
_MOST_RESTARTS = const(0xFFFF)


class RadioHead:
    """The wiring: `run` never returns."""

    def __init__(self, settings: Settings, pins: "HeadPins") -> None:
        """Take the settings and the pin map."""
        now_ms = clock.now_ms()
        self._flag = WakeFlag()
        port = _open(pins, self._flag)
        self._waiter = Waiter(self._flag)
        self._waiter.watch(port.stream)
        self._line = Line(port)
        self._progress = Progress(2, _PATIENCE_MS)
        self._watchdog = Watchdog(1000 * settings.watchdog_s)
        self._ble = Ble(frame_span, self._flag, _HEARD_SLOTS)
        self._watch = ScanWatch(now_ms)
        self._queue = TransmitQueue()
        self._lora = _lora(pins, settings, self._flag)
        self._advertise_us = pins.advertise_us
        self._on_air: "bytes | None" = None
        self._frame = bytearray(FRAME_MAX + 1)
        self._board = settings.board.encode()[: link.BOARD_LEN]
        self._boot = int.from_bytes(os.urandom(4), "big")
        self._stats_ms = add(now_ms, _STATS_MS)
        self._health_ms = add(now_ms, _HEALTH_MS)
        self._foreign = self._dropped = 0  # told before
        self._lora_ok = False  # told before, too

    def run(self) -> None:
        """Serve for ever."""
        self._ble.scan(_SCAN_US, _SCAN_US)
        self._say_hello(clock.now_ms())
        while True:
            now_ms = clock.now_ms()
            self._obey(now_ms)
            self._hear(now_ms)
            self._transmit(now_ms)
            self._report(now_ms)
            self._line.flush(now_ms)
            self._mend(now_ms)
            wait_ms = self._wait_ms(now_ms)
            self._live(wait_ms, now_ms)
            self._waiter.wait(wait_ms)

    def _obey(self, now_ms: int) -> None:
        self._line.read()
        message = self._line.take()
        while message is not None:
            self._do(message, now_ms)
            message = self._line.take()

    def _do(self, message: link.LinkMessage, now_ms: int) -> None:
        if isinstance(message, link.Transmit):
            self._take(message, now_ms)
        elif isinstance(message, link.Ping):
            self._line.say(link.Pong(message.token), now_ms)
        elif isinstance(message, link.HelloRequest):
            self._say_hello(now_ms)
        elif isinstance(message, link.Setting):
            self._set(message, now_ms)

    def _set(self, setting: link.Setting, now_ms: int) -> None:
        if self._lora is not None and self._lora.set(setting.key, setting.value):
            self._line.say(self._lora.channel(), now_ms)

    def _take(self, message: link.Transmit, now_ms: int) -> None:
        if message.medium == link.BLE:
            self._queue.put(message.id, message.slot, message.frame, message.ms, now_ms)
        elif message.medium == link.LORA and self._lora is not None:
            self._lora.put(message, now_ms)
        else:
            self._line.say(link.Done(message.id, link.REFUSED), now_ms)

    def _hear(self, now_ms: int) -> None:
        length = self._ble.take(self._frame)
        while length:
            self._pass_on(link.BLE, length, self._ble.rssi, 0, now_ms)
            length = self._ble.take(self._frame)
        if self._lora is None:
            return
        self._lora.poll(now_ms)
        length = self._lora.take(self._frame)
        while length:
            self._pass_on(link.LORA, length, self._lora.rssi, self._lora.snr, now_ms)
            length = self._lora.take(self._frame)
        if self._lora.ok != self._lora_ok:
            self._say_hello(now_ms)

    def _pass_on(self, medium: int, length: int, rssi: int, snr: int, now_ms: int) -> None:
        frame = bytes(self._frame[:length])
        received = link.Received(medium, rssi, snr, now_ms, frame)
        self._line.say(received, now_ms, FRAME, frame)

    def _transmit(self, now_ms: int) -> None:
        frame = self._queue.poll(now_ms)
        if frame is not self._on_air:
            self._on_air = frame
            if frame is None:
                self._ble.stop_advertising()
            else:
                self._ble.advertise(to_advert(frame), self._advertise_us)
        self._say_done(self._queue.ended, now_ms)
        if self._lora is not None:
            self._say_done(self._lora.ended, now_ms)

    def _say_done(self, ended: "list[tuple[int, int]]", now_ms: int) -> None:
        while ended:
            ident, status = ended.pop(0)
            self._line.say(link.Done(ident, status), now_ms)

    def _report(self, now_ms: int) -> None:
        if diff(now_ms, self._stats_ms) >= 0:
            self._stats_ms = add(now_ms, _STATS_MS)
            foreign = self._ble.foreign - self._foreign & _COUNT_MASK
            dropped = self._ble.dropped - self._dropped & _COUNT_MASK
            self._foreign = self._ble.foreign
            self._dropped = self._ble.dropped
            stats = link.Stats(link.BLE, _NOISE_UNKNOWN, 0, foreign, dropped)
            self._line.say(stats, now_ms, REPORT)
            if self._lora is not None:
                self._line.say(self._lora.stats(now_ms), now_ms, REPORT)
        if diff(now_ms, self._health_ms) >= 0:
            self._health_ms = add(now_ms, _HEALTH_MS)
            self._line.say(self._health(), now_ms, REPORT)

    def _mend(self, now_ms: int) -> None:
        step = self._watch.poll(self._ble.heard, self._ble.foreign, now_ms)
        try:
            if step == scan_watch.RESCAN:
                self._ble.rescan()
            elif step == scan_watch.RESTART:
                self._on_air = None
                self._ble.restart()
        except OSError:
            step = scan_watch.RESET  # the stack refuses what it did before
        if step == scan_watch.RESET:
            life.restart()

    def _live(self, wait_ms: int, now_ms: int) -> None:
        self._progress.report(LOOP, wait_ms == 0, now_ms)
        self._progress.report(_LINE, self._line.stands(), now_ms)
        if self._progress.made(now_ms):
            self._watchdog.feed()

    def _wait_ms(self, now_ms: int) -> int:
        soonest = max(0, diff(self._stats_ms, now_ms))
        waits = [self._queue.wait_ms(now_ms), self._line.wait_ms()]
        if self._lora is not None:
            waits.append(self._lora.wait_ms(now_ms))
        for wait_ms in waits:
            if 0 <= wait_ms < soonest:
                soonest = wait_ms
        return soonest

    def _say_hello(self, now_ms: int) -> None:
        caps = link.CAP_BLE
        if self._lora is not None:
            self._lora_ok = self._lora.ok
            caps |= link.CAP_LORA if self._lora_ok else 0
        self._line.say(link.Hello(link.LINK_VERSION, caps, BUILD, self._boot), now_ms)
        board = self._board + bytes(link.BOARD_LEN - len(self._board))
        self._line.say(link.Identity(power.unique(), life.health.cause, board), now_ms)
        if self._lora is not None:
            self._line.say(self._lora.channel(), now_ms)

    def _health(self) -> link.Health:
        watch = self._watch
        rescans = min(watch.rescans, _MOST_RESTARTS)
        restarts = min(watch.restarts, _MOST_RESTARTS)
        uptime_s = life.health.uptime_s(clock.seconds())
        return link.Health(uptime_s, rescans, restarts, self._line.lost, life.health.digest)


def _open(pins: "HeadPins", flag: WakeFlag) -> "Port":
    if pins.link == "stdio":
        from firmware.hal.usb_stdio import UsbStdio

        return UsbStdio()
    if pins.link == "cdc":
        from firmware.hal.usb_cdc import UsbCdc

        return UsbCdc(flag)
    from firmware.hal.uart import Uart

    return Uart(pins.uart, pins.uart_tx, pins.uart_rx, pins.uart_baud)


def _lora(pins: "HeadPins", settings: Settings, flag: WakeFlag) -> "HeadLora | None":
    if pins.lora is None:
        return None
    from firmware.head_lora import HeadLora

    return HeadLora(pins.lora, settings, flag)


def run(settings: Settings, pins: "HeadPins") -> None:
    """Run on a board with these pins."""
    program = RadioHead(settings, pins)
    makers.forget()
    program.run()
