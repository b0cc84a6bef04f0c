"""The panic button: wires hand, radios, motor, battery and memory to `firmware.core.button`."""

from firmware import button_memory, life
from firmware.button_care import ButtonCare
from firmware.button_memory import ButtonMemory
from firmware.core import heartbeat, makers, records
from firmware.core.alert import Alert
from firmware.core.button import Button
from firmware.core.button_hand import ButtonHand
from firmware.core.button_speech import ButtonSpeech
from firmware.core.chosen import Settings
from firmware.core.codec import Codec
from firmware.core.counter import Counter, CountersUsedUp
from firmware.core.gestures import Gestures
from firmware.core.progress import LOOP, Progress
from firmware.core.query import Query
from firmware.core.records import BLE_ANSWERS, CLOCK_KNOWN, STUCK
from firmware.core.ticks import sooner
from firmware.hal import clock, power, storage
from firmware.hal.output import Output
from firmware.hal.wait import Waiter, WakeFlag
from firmware.hal.watchdog import Watchdog
from firmware.hand import Hand
from firmware.worn_air import WornAir
from protocol.kinds import device_time
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import ButtonPins
BUILD = const(1)
_SLOWEST_REFRESH_S = const(300)  # of an alert nobody has taken for an hour
_TURN_MS = const(5_000)  # the longest wait: the watchdog is fed at each turn
_ALERT = const(1)  # duty of the watchdog beside LOOP: the frame of an alert is sent


class PanicButton:
    """The wiring: `run` ends in deep sleep."""

    def __init__(self, settings: Settings, pins: "ButtonPins", key: bytes, reserved: int) -> None:
        """Take settings, pin map, and the secret as flash held it."""
        cause = power.start_cause()
        kept = button_memory.load(cause)
        by_hand = cause == power.WOKEN_BY_PIN
        self._settings = settings
        self._clock_known = bool(kept.flags & CLOCK_KNOWN)
        self._due_s = kept.heartbeat_due_s
        self._flag = WakeFlag()
        self._waiter = Waiter(self._flag)
        self._hand = Hand(settings, pins, self._flag)
        self._hand.begin(cause, kept.flags >> STUCK & 3)
        counter = Counter(reserved, kept.next_counter)
        self._codec = Codec(key, counter)
        ble_answers = bool(kept.flags & BLE_ANSWERS)
        self._air = WornAir(settings, pins, self._flag, self._codec, ble_answers)
        self._button = self._make_button(settings)
        button_memory.restore(self._button, kept, clock.now_ms())
        if counter.next == kept.next_counter:  # the next frame follows the one that was answered
            self._button.uplinks.last_heard = bool(kept.flags & records.LAST_HEARD)
            self._button.uplinks.marks = kept.marks
        table = Gestures(settings.main, settings.second)
        self._button_hand = ButtonHand(self._button, self._codec, table)
        self._memory = ButtonMemory(self._button, kept)
        pages = heartbeat.Pages(BUILD)
        self._speech = ButtonSpeech(self._button, self._codec, pages)
        self._care = ButtonCare(settings, key, counter, self._button, pages)
        self._motor = Output(pins.motor)
        self._led = None if settings.discreet else Output(pins.led)
        self._progress = Progress(2, 1000 * settings.watchdog_s // 2)
        self._watchdog = Watchdog(1000 * settings.watchdog_s)
        self._care.begin(pins, by_hand, kept.flags >> STUCK & 3)
        self._care.reserve(self._hand.touched, clock.now_ms())
        if cause == power.WOKEN_BY_TIMER and not self._button.alert.open:
            power.slow_cpu()
        if by_hand or self._button.alert.open:
            self._air.start()  # while the hand is still at it

    def _make_button(self, settings: Settings) -> Button:
        slow_ms = 1000 * min(settings.heartbeat_s, _SLOWEST_REFRESH_S)
        alert = Alert(slow_ms, self._air.least_refresh_ms())
        button = Button(self._codec, alert, Query(self._air.answer_ms()))
        button.visit_min = settings.visit_min
        button.now_s = clock.seconds()
        return button

    def run(self) -> None:
        """Serve until nothing is under way, then sleep until a contact or whatever is due next."""
        while True:
            now_ms, now_s = clock.now_ms(), clock.seconds()
            self._hand.feel(self._button_hand, now_ms)
            self._hear(now_ms)
            self._button.poll(now_ms, now_s)
            self._care.look_after(self._hand, self._air, now_s)
            self._button.heartbeat_due = self._button.heartbeat_due or now_s >= self._due_s
            if self._button.speaks(now_ms) and self._air.start():
                now_ms = clock.now_ms()
            self._send(now_ms, now_s)
            self._air.follow(self._button, now_ms, now_s)
            now_ms = clock.now_ms()  # flash may have been written
            self._show(now_ms)
            self._care.store(self._memory, self._hand.touched, now_ms)
            if self._may_sleep(now_ms):
                self._sleep(now_s)
            self._rest()

    def _hear(self, now_ms: int) -> None:
        length = self._air.take()
        while length:
            word = self._codec.receive(self._air.frame, length)
            if word >= 0:
                self._air.answered()
                self._button.heard(word, now_ms)
                self._clock_known = True
            length = self._air.take()
        if self._button.status_told:
            self._button.status_told = False
            life.told()

    def _send(self, now_ms: int, now_s: int) -> None:
        button = self._button
        was_heartbeat = button.heartbeat_due
        word = self._speech.next_word(device_time(now_s, self._clock_known), now_ms)
        if word >= 0:
            self._codec.send(word)
            self._air.send(button, self._speech.urgent, now_ms, now_s)
        if was_heartbeat and not button.heartbeat_due:
            interval_s = self._settings.heartbeat_s
            self._due_s = now_s + heartbeat.next_interval_s(interval_s, power.random_below_1024())
        if word >= 0 or button.changed:
            button.changed = False
            self._memory.keep(self._memory.snapshot(self._flags(), self._due_s))
            self._care.store_call(self._memory, now_ms)

    def _flags(self) -> int:
        flags = self._hand.stuck() << STUCK
        if self._clock_known:
            flags |= CLOCK_KNOWN
        return flags | (BLE_ANSWERS if self._air.ble_answers else 0)

    def _show(self, now_ms: int) -> None:
        on = self._button.indicator.poll(now_ms)
        self._motor.set(on)
        if self._led is not None:
            self._led.set(on and not self._button.dark)

    def _may_sleep(self, now_ms: int) -> bool:
        hand_rests = not self._hand.busy() and not self._button_hand.busy(now_ms)
        return hand_rests and self._button.quiet(now_ms) and self._air.quiet(now_ms)

    def _rest(self) -> None:
        """Wait for whatever comes first."""
        now_ms = clock.now_ms()
        wait_ms = self._button.wait_ms(now_ms)
        wait_ms = sooner(wait_ms, self._hand.wait_ms(now_ms))
        wait_ms = sooner(wait_ms, self._button_hand.wait_ms(now_ms))
        wait_ms = sooner(wait_ms, self._air.wait_ms(now_ms))
        self._progress.report(LOOP, wait_ms == 0, now_ms)
        self._progress.report(_ALERT, self._button.alert.due(now_ms), now_ms)
        if self._progress.made(now_ms):
            self._watchdog.feed()
        self._waiter.wait(min(wait_ms, _TURN_MS) if wait_ms >= 0 else _TURN_MS)

    def _sleep(self, now_s: int) -> None:
        self._air.sleep(now_s)
        snapshot = self._memory.snapshot(self._flags(), self._due_s)
        snapshot.next_counter = self._codec.counter.next
        power.keep(snapshot.pack())
        sleep_s = sooner(max(1, self._due_s - now_s), self._button.visit.wait_s(now_s))
        power.deep_sleep(1000 * max(1, sleep_s), self._hand.wake_pins())


def run(settings: Settings, pins: "ButtonPins") -> None:
    """Run on a board with these pins; without a whole key or a counter left, out of service."""
    secret = records.unpack_secret(storage.read("secret", records.SECRET_LEN))
    if secret is not None:
        try:
            program = PanicButton(settings, pins, secret[0], secret[1])
            makers.forget()
            program.run()
        except CountersUsedUp:
            pass  # no counter is left: the same
    from firmware.out_of_service import rest  # what is seldom needed is not loaded

    rest(settings, pins)
