"""The panic button: wires contacts, radio, motor and flash to `firmware.core.button`."""

from firmware import out_of_service
from firmware.boards.pins import ButtonPins
from firmware.core import button as core
from firmware.core import records
from firmware.core.alert import NO_INCIDENT
from firmware.core.button import Button
from firmware.core.codec import Codec
from firmware.core.counter import NOT_DUE, Counter, CountersUsedUp
from firmware.core.heartbeat import next_interval_s
from firmware.core.press import FOREVER, Press
from firmware.core.settings import Settings
from firmware.hal import clock, power, storage
from firmware.hal.ble import Ble
from firmware.hal.contact import Contact
from firmware.hal.output import Output
from firmware.hal.wait import Waiter, WakeFlag
from protocol.advert import frame_span
from protocol.kinds import device_time
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BUILD = const(1)
_SETTLED_MS = const(60_000)
_SCAN_US = const(30_000)
_GLANCE_US = const(300_000)  # 60 ms of listening in 300: a fifth
_GLANCE_WINDOW_US = const(60_000)
_HEARD_SLOTS = const(8)
_ADDRESS_TRIES = const(3)
_SLOWEST_REFRESH_S = const(300)  # of an alert nobody has taken for an hour


class PanicButton:
    """The wiring: `run` ends in deep sleep."""

    def __init__(self, settings: Settings, pins: ButtonPins, key: bytes, reserved: int) -> None:
        """Take settings, pin map, and the secret as flash held it."""
        self._key = key
        self._heartbeat_s = settings.heartbeat_s
        self._cause = power.start_cause()
        snapshot = None if self._cause == power.POWER_UP else records.unpack_snapshot(power.kept())
        power.keep(b"")  # good for one start: a reset from here on must not go back to its counter
        resumed, first, due_s, flags, marks = snapshot or (
            NOT_DUE,
            NO_INCIDENT,
            clock.seconds(),
            0,
            0,
        )
        self._clock_known = bool(flags & records.CLOCK_KNOWN)
        self._due_s = due_s
        self._counter = Counter(reserved, resumed)
        self._codec = Codec(key, self._counter)
        self._button = Button(self._codec, min(self._heartbeat_s, _SLOWEST_REFRESH_S) * 1000)
        self._button.alert.first = first
        if self._counter.next == resumed:  # the next frame follows the one that was answered
            self._button.last_heard = bool(flags & records.LAST_HEARD)
            self._button.marks = marks
        self._flag = WakeFlag()
        self._waiter = Waiter(self._flag)
        self._contacts = [
            Contact(pins.contact_main, self._flag),
            Contact(pins.contact_second, self._flag),
        ]
        self._presses = [Press(settings.hold_ms, settings.cancel_ms) for _ in self._contacts]
        self._motor = Output(pins.motor)
        self._led = None if settings.discreet else Output(pins.led)
        self._advertise_us = pins.advertise_us
        self._frame = bytearray(24)
        self._scan = core.OFF
        self._on_air = False
        self._touched = self._cause != power.POWER_UP
        if self._cause == power.WOKEN_BY_PIN:
            self._take_waking_press()
        self._reserve(clock.now_ms())
        self._radio = Ble(frame_span, self._flag, _HEARD_SLOTS)

    def run(self) -> None:
        """Serve until nothing is under way, then sleep until a contact or the next heartbeat."""
        while True:
            now_ms = clock.now_ms()
            self._feel(now_ms)
            self._hear(now_ms)
            self._button.poll(now_ms)
            self._button.heartbeat_due = (
                self._button.heartbeat_due or clock.seconds() >= self._due_s
            )
            self._send(now_ms)
            self._reserve(now_ms)
            self._set_radio(now_ms)
            self._show(now_ms)
            if self._button.quiet(now_ms) and not self._feeling():
                self._sleep()
            self._waiter.wait(self._wait_ms(clock.now_ms()))

    def _feel(self, now_ms: int) -> None:
        for i in range(len(self._contacts)):
            down = self._contacts[i].down()
            self._touched = self._touched or down
            self._button.gesture(i, self._presses[i].sample(down, now_ms), now_ms)

    def _take_waking_press(self) -> None:
        """Count the press that woke us: it began with the wake, and a tap is over by now."""
        levels = [contact.down() for contact in self._contacts]
        for i in range(len(levels)):
            if levels[i]:
                self._presses[i].begin_down(0)
            elif not any(levels):  # whichever it was
                self._presses[i].begin_tapped(clock.now_ms())

    def _feeling(self) -> bool:
        return self._presses[0].busy() or self._presses[1].busy()

    def _hear(self, now_ms: int) -> None:
        length = self._radio.take(self._frame)
        while length:
            word = self._codec.receive(self._frame, length)
            if word >= 0:
                self._button.heard(word, now_ms)
                self._clock_known = True
            length = self._radio.take(self._frame)

    def _send(self, now_ms: int) -> None:
        time = device_time(clock.seconds(), self._clock_known)
        was_heartbeat = self._button.heartbeat_due
        word = self._button.next_word(time, 0, BUILD, now_ms)
        if was_heartbeat and not self._button.heartbeat_due:
            self._due_s = clock.seconds() + next_interval_s(
                self._heartbeat_s, power.random_below_1024()
            )
        if word < 0:
            return
        self._codec.send(word)
        self._silence()
        # A new frame never shares an address with the last: nobody can follow the wearer by it.
        for _ in range(_ADDRESS_TRIES):
            if self._radio.new_address():
                break  # if none does: an alert that can be followed is better than none
        self._radio.advertise(self._codec.advert, self._advertise_us)
        self._on_air = True

    def _reserve(self, now_ms: int) -> None:
        reserved = self._counter.to_reserve(self._touched or now_ms > _SETTLED_MS)
        if reserved != NOT_DUE:
            storage.write("secret", records.pack_secret(self._key, reserved))
            self._counter.reserve(reserved)

    def _set_radio(self, now_ms: int) -> None:
        if self._on_air and not self._button.advertising(now_ms):
            self._radio.stop_advertising()
            self._on_air = False
        scan = self._button.scan(now_ms)
        if scan != self._scan:
            self._radio.stop_scanning()
            self._scan = scan
            if scan == core.LISTEN:
                self._radio.scan(_SCAN_US, _SCAN_US)
            elif scan == core.GLANCE:
                self._radio.scan(_GLANCE_US, _GLANCE_WINDOW_US)

    def _silence(self) -> None:
        self._radio.stop_advertising()
        self._radio.stop_scanning()
        self._scan = core.OFF

    def _show(self, now_ms: int) -> None:
        on = self._button.indicator.poll(now_ms)
        self._motor.set(on)
        if self._led is not None:
            self._led.set(on and not self._button.dark)

    def _wait_ms(self, now_ms: int) -> int:
        soonest = self._button.wait_ms(now_ms)
        for press in self._presses:
            wait = press.wait_ms(now_ms)
            if wait != FOREVER and (soonest < 0 or wait < soonest):
                soonest = wait
        return soonest

    def _sleep(self) -> None:
        self._silence()
        flags = (records.CLOCK_KNOWN if self._clock_known else 0) | (
            records.LAST_HEARD if self._button.last_heard else 0
        )
        power.keep(
            records.pack_snapshot(
                self._counter.next,
                self._button.alert.first,
                self._due_s,
                flags,
                self._button.marks,
            )
        )
        sleep_ms = max(1, self._due_s - clock.seconds()) * 1000
        power.deep_sleep(sleep_ms, [contact.pin for contact in self._contacts])


def run(settings: Settings, board: "Any") -> None:  # noqa: ANN401  a module
    """Run on `board` with `settings`; without a whole key or a counter left, out of service."""
    secret = records.unpack_secret(storage.read("secret", records.SECRET_LEN))
    if secret is not None:
        try:
            PanicButton(settings, board.PANIC_BUTTON, secret[0], secret[1]).run()
        except CountersUsedUp:
            pass  # no counter is left: the same
    out_of_service.run(settings, board.PANIC_BUTTON)
