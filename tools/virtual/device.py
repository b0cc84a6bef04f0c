"""A virtual board: the power states of the chip around the MicroPython process that is its CPU."""

import enum
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tools.virtual import energy
from tools.virtual.battery import Battery
from tools.virtual.board import Board
from tools.virtual.chips import Chip
from tools.virtual.clock import Timer
from tools.virtual.cpu import LATER, Cpu
from tools.virtual.rtc import Rtc
from tools.virtual.spi_bus import LoraSocket, LoraWiring
from tools.virtual.supply import Supply
from tools.virtual.sx1262 import Sx1262
from tools.virtual.wake import Source, WakePins
from tools.virtual.watchdog import Watchdog

if TYPE_CHECKING:
    from tools.virtual.line import Line
    from tools.virtual.world import World

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET = 1, 2, 3, 4
TIMER_WAKE = 4
_BROWN_OUT_HOLD_US = 10_000  # until the detector lets the chip start again


class Power(enum.Enum):
    """What the chip does."""

    OFF = "off"
    BOOTING = "booting"
    RUNNING = "running"
    LIGHT_SLEEP = "light sleep"
    SLEEPING = "sleeping"


_CPU = {
    Power.OFF: energy.OFF,
    Power.BOOTING: energy.BOOT,
    Power.RUNNING: energy.AWAKE,
    Power.LIGHT_SLEEP: energy.LIGHT_SLEEP,
    Power.SLEEPING: energy.SLEEP,
}


class Device(Board):
    """One board. `drive` its pins, `watch` its outputs, cut its power."""

    def __init__(self, world: "World", name: str, chip: Chip, mac: bytes, main: Path) -> None:
        """Put a board without power into `world`; it starts `main`."""
        super().__init__(world, name, chip, mac, Cpu(world.clock, self._runs))
        self.main = main
        self.power = Power.OFF
        self.boots = 0
        self.rtc = Rtc()
        self.faults: list[str] = []  # what the firmware did that a real board does not forgive
        self.on_power: Callable[[Power], None] = lambda _power: None
        self._wake_timer: Timer | None = None
        self._watchdog = Watchdog(world.clock, self.bite)
        self._wake_pins = WakePins([])
        self._cpu.calls = {
            "hello": self._hello_later,
            "wait": self._cpu.wait,
            "reset": self._reset,
            "deepsleep": self._deep_sleep,
            "lightsleep": self._light_sleep,
            "wdt_feed": self._watchdog.feed,
            "urandom": lambda count: list(world.rng.randbytes(count)),
            **self._calls,
        }

    # What a person or a bench does to the board

    def power_on(self) -> None:
        """Give power: RTC memory and its clock start anew."""
        if self.power is Power.OFF:
            self._start_by_power()

    def power_cut(self) -> None:
        """Take the power away, at whatever moment."""
        self._stop(Power.OFF)

    def bite(self) -> None:
        """Let the watchdog bite, whether fed or not."""
        self._start(WDT_RESET, 0)

    def drive(self, gpio: int, level: int) -> None:
        """Set the level at a pin from outside."""
        changed = self._pins.drive(gpio, level)
        reason = self._wake_pins.reason(gpio, level)
        if changed and reason:
            self._wake(reason)

    def fit_battery(self, battery: Battery, loads: Mapping[str, float]) -> None:
        """Power the board from `battery`; `loads` are mA of each state of its `energy`."""
        now_us = lambda: self._world.clock.now_us  # noqa: E731
        self.supply = Supply(battery, loads, self.energy, now_us, self.chip.brown_out_mv)
        self.energy.before = self.supply.settle
        self.energy.after = self._check_supply

    def fit_lora(self, wiring: LoraWiring) -> Sx1262:
        """Put an SX1262 on the pins of a pin map; its power is the board's."""
        radio = self._world.lora.radio(self.name)
        self._spi.socket = LoraSocket(radio, wiring, self._pins, self.drive)
        chip = self._spi.socket.chip
        chip.on_state = self._lora_is
        return chip

    # Starts and ends

    def start_cpu(self) -> "Line":
        """Start what is in flash."""
        return self._world.start_cpu(self)

    def _runs(self) -> bool:
        return self.power is Power.RUNNING

    def _start_by_power(self) -> None:
        self.memories.power_lost()
        self.rtc.power_on(self._world.clock.now_us)
        self._start(PWRON_RESET, 0)

    def _start(self, cause: int, wake_reason: int) -> None:
        self._stop(Power.BOOTING)
        if cause != DEEPSLEEP_RESET:
            self._pins.reset()
        self.rtc.wake(self._world.clock.now_us)
        self.nvs.mount()
        self.boots += 1
        now_us = self._world.clock.now_us
        self._hello = {
            "boot_us": now_us,
            "rtc_zero_us": self.rtc.zero_us(),
            "reset_cause": cause,
            "wake_reason": wake_reason,
            "wake_pins": self._woken_by(wake_reason),
            **self._facts(),
        }
        self._boot_end_us = now_us + self.chip.boot_us
        self._cpu.start(self.start_cpu())

    def _woken_by(self, wake_reason: int) -> list[int] | None:
        """Return the pins that ended a sleep, as MicroPython tells; None for one that does not."""
        if not self.chip.tells_wake_pins:
            return None
        by_pin = wake_reason not in (0, TIMER_WAKE)
        return self._wake_pins.at_level(self._pins.level) if by_pin else []

    def _stop(self, power: Power) -> None:
        """End the CPU; `power` is what comes after."""
        self._cpu.stop()
        if self._wake_timer is not None:
            self._wake_timer.cancel()
        self._watchdog.stop()
        self._peripherals_end(powered=power is not Power.OFF)
        self._set_power(power)

    def _set_power(self, power: Power) -> None:
        self.power = power
        self.energy.enter(_CPU[power])
        self._supply_lora(on=power is not Power.OFF)
        self.on_power(power)

    def _check_supply(self) -> None:
        if self.supply is not None and not self.supply.holds():
            self._world.clock.after(0, self._brown_out)

    def _brown_out(self) -> None:
        """Reset the chip if its supply is still too low; it starts again when the load is gone."""
        if self.supply is None or self.supply.holds():
            return
        self.supply.brown_outs += 1
        self._stop(Power.OFF)
        if self.supply.recovers():
            self._wake_timer = self._world.clock.after(_BROWN_OUT_HOLD_US, self._start_by_power)

    def _hello_later(self) -> object:
        return self._cpu.park(self._boot_end_us, self._boot_over)

    def _boot_over(self) -> None:
        self._set_power(Power.RUNNING)
        self._cpu.resume(self._hello)

    def _reset(self) -> object:
        return self._cpu.park(self._world.clock.now_us, partial(self._start, HARD_RESET, 0))

    def _deep_sleep(self, time_ms: int, sources: list[Source]) -> object:
        self._stop(Power.SLEEPING)
        self.rtc.sleep(self._world.clock.now_us)
        self._sleep_until(time_ms, sources)
        return LATER

    def _light_sleep(self, time_ms: int, sources: list[Source]) -> object:
        if self.energy.share(energy.BLE):
            self.faults.append("light sleep while BLE is active")
            return {"refused": self.faults[-1]}
        self._watchdog.pause()
        self._set_power(Power.LIGHT_SLEEP)
        self._sleep_until(time_ms, sources)
        return LATER

    def _sleep_until(self, time_ms: int, sources: list[Source]) -> None:
        self._wake_pins = WakePins(sources)
        reason = self._wake_pins.at_once(self._pins.level)
        if reason:
            self._wake_timer = self._world.clock.after(0, partial(self._wake, reason))
        elif time_ms:
            slept_us = self.rtc.slept_us(time_ms * 1000)
            self._wake_timer = self._world.clock.after(slept_us, partial(self._wake, TIMER_WAKE))

    def _wake(self, reason: int) -> None:
        if self.power is Power.SLEEPING:
            self._start(DEEPSLEEP_RESET, reason)
        elif self.power is Power.LIGHT_SLEEP:
            if self._wake_timer is not None:
                self._wake_timer.cancel()
            self._set_power(Power.RUNNING)
            self._watchdog.go_on()
            self._cpu.resume(reason)
