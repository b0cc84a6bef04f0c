"""What a panic button does about itself: measures its battery, reserves counters, tells what is wrong."""

from firmware import life
from firmware.button_memory import ButtonMemory
from firmware.core import battery, records
from firmware.core.button import Button
from firmware.core.chosen import Settings
from firmware.core.counter import NOT_DUE, Counter
from firmware.core.heartbeat import Pages
from firmware.core.ticks import add, diff
from firmware.hal import storage
from firmware.hal.adc import Gauge
from firmware.hand import Hand
from firmware.worn_air import WornAir
from protocol import kinds
from protocol.constants import COUNTER_BLOCK
from protocol.kinds import (
    BATTERY_LOW,
    CONTACT_STUCK,
    RADIO_FAILED,
    SETTINGS_BROKEN,
    STORAGE_FAILED,
)
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import ButtonPins


_SETTLED_MS = const(60_000)
_STORE_AGAIN_MS = const(10_000)
_BLE = const(0)  # values of RADIO_FAILED
_LORA = const(1)
_AFTER_A_HAND_S = const(3)  # what a hand wants comes first


class ButtonCare:
    """The device's own affairs, apart from what its wearer wants."""

    def __init__(
        self, settings: Settings, key: bytes, counter: Counter, button: Button, pages: Pages
    ) -> None:
        """Take what is looked after."""
        self._settings = settings
        self._key = key
        self._counter = counter
        self._button = button
        self._pages = pages
        self._storage_ok = True
        self._store_again_ms = 0
        self._by_hand = False
        self._stuck = 0  # which contacts, a bit each

    def begin(self, pins: "ButtonPins", by_hand: bool, stuck: int) -> None:
        """Measure the battery, before the radio loads it.

        `by_hand`: a press has begun this start. `stuck`: the contacts that were so before.
        """
        self._stuck = stuck
        self._by_hand = by_hand
        if pins.battery is None:
            return
        millivolts = Gauge(pins.battery).millivolts()
        chemistry = self._settings.chemistry
        button = self._button
        self._pages.battery_mv = millivolts
        button.low_battery = battery.low(millivolts, chemistry, button.low_battery)
        tenths = battery.tenths(millivolts, chemistry)
        button.conditions.put(
            BATTERY_LOW, button.low_battery, tenths, button.now_s, self._delay_s()
        )

    def look_after(self, hand: Hand, air: WornAir, now_s: int) -> None:
        """Notice what is wrong, and what is so no more."""
        conditions = self._button.conditions
        delay_s = self._delay_s()
        stuck = hand.stuck()
        self._stuck = stuck or self._stuck
        conditions.put(CONTACT_STUCK, stuck != 0, self._stuck >> 1, now_s, delay_s)
        conditions.put(SETTINGS_BROKEN, self._settings.broken(), 0, now_s, delay_s)
        conditions.put(STORAGE_FAILED, not self._storage_ok, 0, now_s, delay_s)
        self._look_after_radios(air, now_s)
        self._pages.uptime_s = life.health.uptime_s(now_s)
        self._pages.digest = life.health.digest
        self._pages.status = kinds.status_page(
            life.health.cause,
            int(self._button.low_battery),
            0,
            int(conditions.any()),
            int(not self._settings.whole),
        )

    def _look_after_radios(self, air: WornAir, now_s: int) -> None:
        conditions = self._button.conditions
        told = conditions.told & 1 << RADIO_FAILED != 0
        lora = air.lora
        if lora is None:
            return
        if told and not self._by_hand:
            lora.start(now_s)  # to see whether it works again
        failed = lora.failed(told)
        which = _BLE if air.ble_failed else _LORA
        conditions.put(RADIO_FAILED, failed or air.ble_failed, which, now_s, self._delay_s())

    def reserve(self, touched: bool, now_ms: int) -> None:
        """Write further counters to flash, ahead of the frames that need them."""
        reserved = self._counter.to_reserve(touched or now_ms > _SETTLED_MS)
        if reserved == NOT_DUE or not self._may_store(now_ms):
            return
        try:
            storage.write("secret", records.pack_secret(self._key, reserved))
            self._storage_ok = True
            self._counter.reserve(reserved)
        except OSError:
            self._failed_to_store(now_ms)

    def store(self, memory: ButtonMemory, touched: bool, now_ms: int) -> None:
        """Write flash where it is time to: it holds everything up, so not in a pulse that is felt."""
        if self._button.indicator.on and self._counter.spare() > COUNTER_BLOCK:
            return
        self.reserve(touched, now_ms)
        if memory.store_due():
            self._store(memory, now_ms)

    def store_call(self, memory: ButtonMemory, now_ms: int) -> None:
        """Write flash at once where a call has begun: its first frame is on air (SPEC 7.1)."""
        if memory.call_due():
            self._store(memory, now_ms)

    def _store(self, memory: ButtonMemory, now_ms: int) -> None:
        if self._may_store(now_ms):
            try:
                memory.store()
                self._storage_ok = True
            except OSError:
                self._failed_to_store(now_ms)

    def _delay_s(self) -> int:
        return _AFTER_A_HAND_S if self._by_hand else 0

    def _may_store(self, now_ms: int) -> bool:
        return self._storage_ok or diff(now_ms, self._store_again_ms) >= 0

    def _failed_to_store(self, now_ms: int) -> None:
        self._storage_ok = False
        self._store_again_ms = add(now_ms, _STORE_AGAIN_MS)
