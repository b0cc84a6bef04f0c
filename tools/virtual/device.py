"""A virtual board: the power states of the chip around the MicroPython process that is its CPU."""

import enum
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tools.virtual.ble_air import Report
from tools.virtual.chips import Chip
from tools.virtual.clock import Timer
from tools.virtual.flash import Nvs
from tools.virtual.line import Line
from tools.virtual.peripherals import Bluetooth, Call, Memories, Pins, Uart

if TYPE_CHECKING:
    from tools.virtual.world import World

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET = 1, 2, 3, 4
TIMER_WAKE, GPIO_WAKE = 4, 7
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
        self._pins = Pins(self._post)
        self.memories = Memories(self.nvs)
        self._bluetooth = Bluetooth(self.radio, world.clock, world.rng, mac, self._post)
        self._uart = Uart(world.clock, self._sent)
        self._rtc_zero_us = 0
        self._wake_timer: Timer | None = None
        self._watchdog: Timer | None = None
        self._wake_pins: list[int] = []
        self._wake_level = 0
        self._calls: dict[str, Call] = {
            "hello": self._hello_later,
            "wait": self._wait,
            "reset": self._reset,
            "deepsleep": self._deep_sleep,
            "wdt_feed": self._feed_watchdog,
            "urandom": lambda count: list(world.rng.randbytes(count)),
            **self._pins.calls,
            **self.memories.calls,
            **self._bluetooth.calls,
            **self._uart.calls,
        }

    # What a person or a bench does to the board

    def power_on(self) -> None:
        """Give power: RTC memory and its clock start anew."""
        if self.power is Power.OFF:
            self.memories.power_lost()
            self._rtc_zero_us = self._world.clock.now_us
            self._start(PWRON_RESET, 0)

    def power_cut(self) -> None:
        """Take the power away, at whatever moment."""
        self._stop(Power.OFF)

    def drive(self, gpio: int, level: int) -> None:
        """Set the level at a pin from outside."""
        changed = self._pins.drive(gpio, level)
        wakes = gpio in self._wake_pins and level == self._wake_level
        if changed and wakes and self.power is Power.SLEEPING:
            self._start(DEEPSLEEP_RESET, GPIO_WAKE)

    def watch(self, gpio: int, watcher: Callable[[int], None]) -> None:
        """Call `watcher(level)` whenever the board changes an output."""
        self._pins.watch(gpio, watcher)

    def uart_feed(self, data: bytes) -> None:
        """Send bytes to the board's serial line."""
        self._post(["uart", list(data)])

    def _heard(self, report: Report) -> None:
        self._bluetooth.heard(report)

    def _sent(self, data: bytes) -> None:
        self.on_uart(data)

    # The CPU's side of the line

    def serve(self) -> None:
        """Answer calls until the CPU waits: what it computes takes no virtual time."""
        while self._line is not None:
            call = self._line.read()
            handler = self._calls.get(str(call[0]))
            if handler is None:
                self._answer({"refused": f"unknown call {call[0]}"})
            else:
                result = handler(*call[1:])
                if result is not _LATER:
                    self._answer(result)
                else:
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
        self.serve()

    def _stop(self, power: Power) -> None:
        """End the CPU; `power` is what comes after."""
        if self._line is not None:
            self._line.close()
            self._line = None
        for timer in (self._parked, self._wake_timer, self._watchdog):
            if timer is not None:
                timer.cancel()
        self._waiting = False
        self._events = []
        self._bluetooth.reset()
        self._pins.reset()
        self._set_power(power)

    def _set_power(self, power: Power) -> None:
        self.power = power
        self.on_power(power)

    def _hello_later(self) -> object:
        self._parked = self._world.clock.at(self._boot_end_us, self._boot_over)
        return _LATER

    def _boot_over(self) -> None:
        self._set_power(Power.RUNNING)
        self._resume(self._hello)

    def _wait(self, until_us: int | None) -> object:
        if self._events:
            return True
        if until_us is not None:
            if until_us <= self._world.clock.now_us:
                return False
            self._parked = self._world.clock.at(until_us, partial(self._resume, result=False))
        self._waiting = True
        return _LATER

    def _reset(self) -> object:
        self._parked = self._world.clock.after(0, partial(self._start, HARD_RESET, 0))
        return _LATER

    def _deep_sleep(self, time_ms: int, pins: list[int], level: int) -> object:
        self._stop(Power.SLEEPING)
        self._wake_pins = pins
        self._wake_level = level
        if any(self._pins.level(gpio) == level for gpio in pins):
            wake = partial(self._start, DEEPSLEEP_RESET, GPIO_WAKE)
            self._wake_timer = self._world.clock.after(0, wake)
        elif time_ms:
            wake = partial(self._start, DEEPSLEEP_RESET, TIMER_WAKE)
            self._wake_timer = self._world.clock.after(time_ms * 1000, wake)
        return _LATER

    def _feed_watchdog(self, timeout_ms: int) -> object:
        if self._watchdog is not None:
            self._watchdog.cancel()
        bite = partial(self._start, WDT_RESET, 0)
        self._watchdog = self._world.clock.after(timeout_ms * 1000, bite)
        return None
