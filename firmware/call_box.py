"""The call box: wires contacts, radios, light, siren and flash to `firmware.core.call_box`.

It never sleeps: on the mains or on its battery it listens. A start, whatever the cause, goes on with the
counters in reserve, with the incident in flash, and with the conditions as they are found.
"""

from firmware import life
from firmware.box_contacts import BoxContacts
from firmware.box_flash import BoxFlash
from firmware.box_power import BoxPower
from firmware.box_radio import BoxRadio
from firmware.core import records, signs
from firmware.core.box_speech import BoxSpeech
from firmware.core.call_box import CallBox
from firmware.core.chosen import Settings
from firmware.core.codec import Codec
from firmware.core.counter import Counter, CountersUsedUp
from firmware.core.heartbeat import Pages, page_data
from firmware.core.progress import LOOP, Progress
from firmware.core.signs import Signs
from firmware.hal import clock, power, storage
from firmware.hal.output import Output
from firmware.hal.wait import Waiter, WakeFlag
from firmware.hal.watchdog import Watchdog
from protocol import kinds
from protocol.constants import FRAME_MAX
from protocol.kinds import RADIO_FAILED, SETTINGS_BROKEN, STORAGE_FAILED, device_time
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import CallBoxPins

BUILD = const(1)
_SETTLED_MS = const(60_000)
_SLOWEST_REFRESH_S = const(300)  # of an alert nobody has taken for an hour
# Boxes get power, and lose the mains, all at once: what each says then is spread over so many times on
# air that fifty of them and their answers fill less than a third of it.
_SPREAD = const(360)
_STARVED_MS = const(1_000)
_SPEECH = const(1)  # duties of the watchdog, beside LOOP


class CallBoxProgram:
    """The wiring: `run` never returns."""

    def __init__(self, settings: Settings, pins: "CallBoxPins", key: bytes, reserved: int) -> None:
        """Take settings, pin map, and the secret as flash held it."""
        now_ms, now_s = clock.now_ms(), clock.seconds()
        self._settings = settings
        self._flag = WakeFlag()
        self._waiter = Waiter(self._flag)
        self._counter = Counter(reserved)
        self._codec = Codec(key, self._counter)
        self._flash = BoxFlash(key, self._counter)
        kept = self._flash.kept()
        self._contacts = BoxContacts(pins, self._flag, kept.latched, now_ms)
        self._flash.reserve(self._settled(now_ms), now_s)
        self._radio = BoxRadio(pins, settings, self._codec, self._flag, now_s)
        longest_s = min(settings.heartbeat_s, _SPREAD * self._radio.on_air_ms // 1000)
        self._spread_s = longest_s * power.random_below_1024() // 1024
        slow_ms = min(settings.heartbeat_s, _SLOWEST_REFRESH_S) * 1000
        self._box = CallBox(
            slow_ms, settings.siren_s, self._radio.on_air_ms, kept, self._counter.next, now_ms
        )
        first_beat_s = now_s + self._spread_s
        self._speech = BoxSpeech(self._box, self._codec, settings.heartbeat_s, first_beat_s)
        self._power = BoxPower(pins.battery, settings.chemistry, now_s)
        self._pages = Pages(BUILD)
        self._lamp = Output(pins.lamp)
        self._siren = Output(pins.siren)
        self._frame = bytearray(FRAME_MAX + 1)
        self._clock_known = False  # until an ack says that a gateway has met this run of the clock
        self._turn_ms = settings.watchdog_s * 1000 * 2 // 3  # the longest wait: each turn feeds it
        self._watchdog = Watchdog(settings.watchdog_s * 1000)
        self._progress = Progress(2, settings.watchdog_s * 1000)

    def run(self) -> None:
        """Serve for ever."""
        while True:
            now_ms, now_s = clock.now_ms(), clock.seconds()
            self._contacts.feel(self._box, self._spread_s, now_ms, now_s)
            self._radio.poll(self._box.alert_runs(), now_ms, now_s)
            self._hear(now_ms, now_s)
            self._look_after(now_ms, now_s)
            self._box.poll(now_ms, now_s)
            if self._say(now_ms, now_s):
                self._radio.poll(self._box.alert_runs(), now_ms, now_s)
            self._show()
            if self._flash.pending(now_s):
                self._flash.keep(self._box.record(), now_s)
            self._flash.reserve(self._settled(now_ms), now_s)
            self._rest(now_s)

    def _hear(self, now_ms: int, now_s: int) -> None:
        if self._radio.left_air:
            self._radio.left_air = False
            self._box.pace.on_air(now_ms)
        length = self._radio.take(self._frame)
        while length:
            word = self._codec.receive(self._frame, length)
            if word >= 0:
                counter = self._codec.heard_counter
                self._box.heard(word, counter, power.random_below_1024(), now_ms, now_s)
                self._clock_known = True
                self._flash.changed()
                if self._box.uplinks.last_heard:
                    self._radio.answered()
            elif self._radio.by_lora:
                self._box.pace.overheard()
            length = self._radio.take(self._frame)

    def _look_after(self, now_ms: int, now_s: int) -> None:
        """Notice what is wrong with the box itself."""
        box = self._box
        failed = self._radio.failed()
        box.conditions.put(RADIO_FAILED, failed >= 0, max(failed, 0), now_s)
        box.conditions.put(SETTINGS_BROKEN, self._settings.broken(), 0, now_s)
        box.conditions.put(STORAGE_FAILED, not self._flash.ok, 0, now_s)
        self._power.look_after(box, now_ms, now_s)
        if box.status_told:
            box.status_told = False
            life.told()

    def _say(self, now_ms: int, now_s: int) -> bool:
        """Send what is due; say whether anything was."""
        time = device_time(now_s, self._clock_known)
        word = -1
        if self._radio.may_alert() and self._speech.alert_due(self._radio.paced(), now_ms):
            if self._flash.has_counter(self._speech.alert_counter(), self._settled(now_ms), now_s):
                word = self._speech.alert_word(time, power.random_below_1024(), now_ms)
        elif (
            self._radio.may_talk(now_ms)
            and self._speech.other_due(now_s)
            and self._flash.has_counter(self._counter.next, self._settled(now_ms), now_s)
        ):
            word = self._speech.other_word(time, self._page(now_s), now_ms, now_s)
        if word < 0:
            return False
        self._codec.send(word)
        self._radio.send(self._speech.urgent, self._speech.repeats, now_ms)
        if self._speech.urgent:
            self._flash.changed()
        return True

    def _settled(self, now_ms: int) -> bool:
        """Say whether counters are to be reserved in full: a hand is at the box, or it stays up."""
        return self._contacts.touched or now_ms > _SETTLED_MS

    def _page(self, now_s: int) -> int:
        """Return the page of data for a heartbeat under the next counter."""
        pages = self._pages
        pages.battery_mv = self._power.millivolts
        pages.uptime_s = life.health.uptime_s(now_s)
        pages.digest = life.health.digest
        pages.status = kinds.status_page(
            life.health.cause,
            int(self._power.low),
            int(not self._contacts.on_mains()),
            int(self._box.conditions.any()),
            int(not self._settings.whole),
        )
        return page_data(self._counter.next, pages, self._box.uplinks.marks)

    def _show(self) -> None:
        test = self._power.self_test
        self._lamp.set(self._box.signs.lamp or test.lamp)
        self._siren.set((self._box.signs.siren or test.siren) and not self._power.critical)

    def _rest(self, now_s: int) -> None:
        """Feed the watchdog where the box gets on, and wait for whatever comes first."""
        now_ms = clock.now_ms()
        wait_ms = self._wait_ms(now_ms, now_s)
        self._progress.report(LOOP, wait_ms == 0, now_ms)
        late = now_s - self._speech.heartbeat_due_s > self._settings.watchdog_s
        self._progress.report(_SPEECH, late and not self._box.alert_runs(), now_ms)
        if self._progress.made(now_ms):
            self._watchdog.feed()
        self._waiter.wait(wait_ms)

    def _wait_ms(self, now_ms: int, now_s: int) -> int:
        """Return for how long there is nothing to do; what has to wait for a radio ends with its wait."""
        soonest = self._turn_ms
        for wait in (
            self._speech_wait_ms(now_ms, now_s),
            self._radio.wait_ms(now_ms),
            self._contacts.wait_ms(now_ms),
            self._box.signs.wait_ms(now_ms, now_s),
            self._power.wait_ms(now_ms),
        ):
            if 0 <= wait < soonest:
                soonest = wait
        return soonest

    def _speech_wait_ms(self, now_ms: int, now_s: int) -> int:
        if self._flash.starved:
            return _STARVED_MS
        alert = other = -1
        if self._radio.may_alert():
            alert = self._speech.alert_wait_ms(self._radio.paced(), now_ms)
        if self._radio.may_talk(now_ms):
            other = 1_000 * self._speech.other_wait_s(now_s)
        return other if alert < 0 or 0 <= other < alert else alert


def run(settings: Settings, pins: "CallBoxPins") -> None:
    """Run on a board with these pins; without a whole key or a counter left, out of service."""
    secret = records.unpack_secret(storage.read("secret", records.SECRET_LEN))
    if secret is not None:
        try:
            CallBoxProgram(settings, pins, secret[0], secret[1]).run()
        except CountersUsedUp:
            pass  # no counter is left: the same
    _out_of_service(pins)


def _out_of_service(pins: "CallBoxPins") -> None:
    """Show that the box does not work, and never transmit."""
    waiter = Waiter(WakeFlag())
    lamp = Output(pins.lamp)
    shown = Signs(0)
    shown.sign = signs.BROKEN
    while True:
        now_ms = clock.now_ms()
        shown.poll(now_ms, 0)
        lamp.set(shown.lamp)
        waiter.wait(shown.wait_ms(clock.now_ms(), 0))
