"""A virtual board: the power states of the chip around the MicroPython process that is its CPU."""

import enum
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tools.virtual.ble_air import ADV_IND, ADV_SCAN_IND, Report
from tools.virtual.chips import Chip
from tools.virtual.clock import Timer
from tools.virtual.flash import Nvs, Value
from tools.virtual.line import Line

if TYPE_CHECKING:
    from tools.virtual.world import World

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET = 1, 2, 3, 4
TIMER_WAKE, GPIO_WAKE = 4, 7
_PUBLIC, _RANDOM = 0, 1
_IRQ_RISING, _IRQ_FALLING = 1, 2
_LATER = object()  # the answer of a call comes when its time has come


class Power(enum.Enum):
    """What the chip does."""

    OFF = "off"
    BOOTING = "booting"
    RUNNING = "running"
    SLEEPING = "sleeping"


class Device:
    """One board. `drive` its pins, `watch` its outputs, cut its power."""

    def __init__(self, world: "World", name: str, chip: Chip, mac: bytes, main: Path) -> None:
        """Put a board without power into `world`; it starts `main`."""
        self.name = name
        self.main = main
        self.chip = chip
        self.nvs = Nvs()
        self.power = Power.OFF
        self.boots = 0
        self.radio = world.ble.radio(name, self._heard)
        self.on_power: Callable[[Power], None] = lambda _power: None
        self.on_uart: Callable[[bytes], None] = lambda _data: None
        self._world = world
        self._mac = mac
        self._line: Line | None = None
        self._parked: Timer | None = None
        self._waiting = False
        self._events: list[list[object]] = []
        self._levels: dict[int, int] = {}
        self._outputs: dict[int, int] = {}
        self._triggers: dict[int, int] = {}
        self._watchers: dict[int, list[Callable[[int], None]]] = {}
        self._rtc = b""
        self._rtc_zero_us = 0
        self._wake_timer: Timer | None = None
        self._watchdog: Timer | None = None
        self._scan_end: Timer | None = None
        self._wake_pins: list[int] = []
        self._wake_level = 0
        self._address = (_PUBLIC, mac)
        self._uart_us_per_byte = 0.0
        self._uart_free_us = 0.0

    # What a person or a bench does to the board

    def power_on(self) -> None:
        """Give power: RTC memory and its clock start anew."""
        if self.power is Power.OFF:
            self._rtc = b""
            self._rtc_zero_us = self._world.clock.now_us
            self._start(PWRON_RESET, 0)

    def power_cut(self) -> None:
        """Take the power away, at whatever moment."""
        self._stop(Power.OFF)

    def drive(self, gpio: int, level: int) -> None:
        """Set the level at a pin from outside."""
        before = self._levels.get(gpio, 1)
        self._levels[gpio] = level
        if before == level:
            return
        if self._triggers.get(gpio, 0) & (_IRQ_RISING if level else _IRQ_FALLING):
            self._post(["pin", gpio, bool(level)])
        if self.power is Power.SLEEPING and gpio in self._wake_pins and level == self._wake_level:
            self._start(DEEPSLEEP_RESET, GPIO_WAKE)

    def watch(self, gpio: int, watcher: Callable[[int], None]) -> None:
        """Call `watcher(level)` whenever the board changes an output."""
        self._watchers.setdefault(gpio, []).append(watcher)

    def uart_feed(self, data: bytes) -> None:
        """Send bytes to the board's serial line."""
        self._post(["uart", list(data)])

    # The CPU's side of the line

    def serve(self) -> None:
        """Answer one call, or in lockstep all calls until the CPU waits."""
        while self._line is not None:
            call = self._line.read()
            handler = getattr(self, f"_call_{call[0]}", None)
            if handler is None:
                self._answer({"refused": f"unknown call {call[0]}"})
            else:
                result = handler(*call[1:])
                if result is not _LATER:
                    self._answer(result)
                elif self._world.lockstep or self._line is None:
                    return
            if not self._world.lockstep:
                return

    def _answer(self, result: object) -> None:
        if self._line is None:
            return
        events, self._events = self._events, []
        self._line.send([self._world.clock.now_us, result, events])

    def _resume(self, result: object) -> None:
        """Answer a parked call and let the CPU go on."""
        self._waiting = False
        if self._parked is not None:
            self._parked.cancel()
            self._parked = None
        if self._line is not None:
            self._answer(result)
            if self._world.lockstep:
                self.serve()

    def _post(self, event: list[object]) -> None:
        if self.power is not Power.RUNNING:
            return
        self._events.append(event)
        if self._waiting:
            self._waiting = False
            if self._parked is not None:
                self._parked.cancel()
            self._parked = self._world.clock.after(0, partial(self._resume, result=True))

    def _start(self, cause: int, wake_reason: int) -> None:
        self._stop(Power.BOOTING)
        self.boots += 1
        now_us = self._world.clock.now_us
        self._hello = {
            "chip": self.chip.name,
            "boot_us": now_us,
            "rtc_zero_us": self._rtc_zero_us,
            "reset_cause": cause,
            "wake_reason": wake_reason,
            "mac": list(self._mac),
            "pins": sorted(self.chip.pins),
            "gpio_wake_pins": sorted(self.chip.gpio_wake_pins),
            "has_ext_wake": self.chip.has_ext_wake,
            "uarts": list(self.chip.uarts),
            "advertise_min_us": self.chip.advertise_min_us,
        }
        self._boot_end_us = now_us + self.chip.boot_us
        self._line = self._world.start_cpu(self)
        if self._world.lockstep:
            self.serve()

    def _stop(self, power: Power) -> None:
        """End the CPU; `power` is what comes after."""
        if self._line is not None:
            self._world.stop_cpu(self._line)
            self._line = None
        for timer in (self._parked, self._wake_timer, self._watchdog, self._scan_end):
            if timer is not None:
                timer.cancel()
        self._waiting = False
        self._events = []
        self._triggers = {}
        self.radio.stop_advertising()
        self.radio.stop_scanning()
        self._address = (_PUBLIC, self._mac)
        for gpio in list(self._outputs):
            self._set_output(gpio, 0)
        self._outputs = {}
        self._set_power(power)

    def _set_power(self, power: Power) -> None:
        self.power = power
        self.on_power(power)

    def _call_hello(self) -> object:
        self._parked = self._world.clock.at(self._boot_end_us, self._boot_over)
        return _LATER

    def _boot_over(self) -> None:
        self._set_power(Power.RUNNING)
        self._resume(self._hello)

    def _call_wait(self, until_us: int | None) -> object:
        if self._events:
            return True
        if until_us is not None:
            if until_us <= self._world.clock.now_us:
                return False
            self._parked = self._world.clock.at(until_us, partial(self._resume, result=False))
        self._waiting = True
        return _LATER

    def _call_reset(self) -> object:
        self._parked = self._world.clock.after(0, partial(self._start, HARD_RESET, 0))
        return _LATER

    def _call_deepsleep(self, time_ms: int, pins: list[int], level: int) -> object:
        self._stop(Power.SLEEPING)
        self._wake_pins = pins
        self._wake_level = level
        if any(self._levels.get(gpio, 1) == level for gpio in pins):
            wake = partial(self._start, DEEPSLEEP_RESET, GPIO_WAKE)
            self._wake_timer = self._world.clock.after(0, wake)
        elif time_ms:
            wake = partial(self._start, DEEPSLEEP_RESET, TIMER_WAKE)
            self._wake_timer = self._world.clock.after(time_ms * 1000, wake)
        return _LATER

    def _call_wdt_feed(self, timeout_ms: int) -> object:
        if self._watchdog is not None:
            self._watchdog.cancel()
        bite = partial(self._start, WDT_RESET, 0)
        self._watchdog = self._world.clock.after(timeout_ms * 1000, bite)
        return None

    def _call_urandom(self, count: int) -> object:
        return list(self._world.rng.randbytes(count))

    # Pins

    def _call_pin_mode(self, gpio: int, mode: int, pull: int) -> object:
        del gpio, mode, pull
        return None

    def _call_pin_get(self, gpio: int) -> object:
        return self._outputs.get(gpio, self._levels.get(gpio, 1))

    def _call_pin_set(self, gpio: int, level: int) -> object:
        self._set_output(gpio, level)
        return None

    def _call_pin_irq(self, gpio: int, trigger: int) -> object:
        self._triggers[gpio] = trigger
        return None

    def _set_output(self, gpio: int, level: int) -> None:
        if self._outputs.get(gpio, 0) != level:
            for watcher in self._watchers.get(gpio, []):
                watcher(level)
        self._outputs[gpio] = level

    # Memories

    def _call_rtc_get(self) -> object:
        return list(self._rtc)

    def _call_rtc_set(self, data: list[int]) -> object:
        self._rtc = bytes(data)
        return None

    def _call_nvs_get(self, namespace: str, key: str, kind: str) -> object:
        value = self.nvs.get(namespace, key, kind)
        return list(value) if isinstance(value, bytes) else value

    def _call_nvs_set(self, namespace: str, key: str, kind: str, value: Value) -> object:
        self.nvs.set(namespace, key, kind, value if isinstance(value, int) else bytes(value))
        return None

    def _call_nvs_erase(self, namespace: str, key: str) -> object:
        return self.nvs.erase(namespace, key)

    def _call_nvs_commit(self) -> object:
        return None

    # Bluetooth

    def _heard(self, report: Report) -> None:
        self._post(
            [
                "ble_result",
                report.address_type,
                list(report.address),
                report.adv_type,
                report.rssi,
                list(report.data),
            ]
        )

    def _call_ble_active(self, active: bool) -> object:
        if not active:
            self.radio.stop_advertising()
            self.radio.stop_scanning()
        return None

    def _call_ble_mac(self) -> object:
        return [self._address[0], list(self._address[1])]

    def _call_ble_address(self, mode: int) -> object:
        if mode == 0:
            self._address = (_PUBLIC, self._mac)
        else:  # the two top bits of a non-resolvable private address are 0, of a static one 1
            random_part = bytearray(self._world.rng.randbytes(6))
            random_part[0] = random_part[0] & 0x3F | (0xC0 if mode == 1 else 0)
            self._address = (_RANDOM, bytes(random_part))
        return None

    def _call_ble_advertise(
        self, interval_us: int | None, data: list[int] | None = None, connectable: bool = False
    ) -> object:
        if interval_us is None:
            self.radio.stop_advertising()
        else:
            kind = ADV_IND if connectable else ADV_SCAN_IND
            advert = Report(*self._address, kind, 0, bytes(data or ()))
            self.radio.advertise(interval_us, advert)
        return None

    def _call_ble_scan(
        self, duration_ms: int | None, interval_us: int = 0, window_us: int = 0
    ) -> object:
        if self._scan_end is not None:
            self._scan_end.cancel()
        if duration_ms is None:
            self.radio.stop_scanning()
        else:
            self.radio.scan(interval_us, window_us)
            if duration_ms:
                self._scan_end = self._world.clock.after(duration_ms * 1000, self._scan_over)
        return None

    def _scan_over(self) -> None:
        self.radio.stop_scanning()
        self._post(["ble_done"])

    # Serial line

    def _call_uart_open(self, baud: int) -> object:
        self._uart_us_per_byte = 10_000_000 / baud
        return None

    def _call_uart_write(self, data: list[int], buffer: int) -> object:
        now_us = self._world.clock.now_us
        self._uart_free_us = max(self._uart_free_us, float(now_us))
        waiting = int((self._uart_free_us - now_us) / self._uart_us_per_byte)
        taken = bytes(data[: max(0, buffer - waiting)])
        self._uart_free_us += len(taken) * self._uart_us_per_byte
        self._world.clock.at(int(self._uart_free_us), partial(self.on_uart, taken))
        return len(taken)
