"""A virtual board: the power states of the chip around the MicroPython process that is its CPU."""

import enum
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tools.virtual import energy
from tools.virtual.analog import Analog
from tools.virtual.battery import Battery
from tools.virtual.ble_air import Report
from tools.virtual.chips import Chip
from tools.virtual.clock import Timer
from tools.virtual.cpu import LATER, Cpu
from tools.virtual.energy import Energy
from tools.virtual.flash import Nvs
from tools.virtual.flash_port import FlashPort
from tools.virtual.peripherals import Bluetooth, Memories, Pins, Uart
from tools.virtual.rtc import Rtc
from tools.virtual.spi_bus import LoraSocket, LoraWiring, Spi
from tools.virtual.supply import Supply
from tools.virtual.sx1262 import Sx1262
from tools.virtual.usb_console import UsbConsole
from tools.virtual.usb_host import UsbHost
from tools.virtual.wake import Source, WakePins
from tools.virtual.watchdog import Watchdog

if TYPE_CHECKING:
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
        self.mhz = chip.mhz[0]
        self.rtc = Rtc()
        self.energy = Energy(lambda: world.clock.now_us)
        self.supply: Supply | None = None
        self.faults: list[str] = []  # what the firmware did that a real board does not forgive
        self.radio = world.ble.radio(name, self._heard)
        self.on_power: Callable[[Power], None] = lambda _power: None
        self.on_uart: Callable[[bytes], None] = lambda _data: None
        self._world = world
        self._mac = mac
        self._cpu = Cpu(world.clock, self._runs)
        post = self._cpu.post
        self._chance = Random(mac)  # its own, so that it does not disturb the world's
        self._pins = Pins(post, self.energy)
        self.memories = Memories(self.nvs)
        self._bluetooth = Bluetooth(self.radio, world.rng, mac, post, self.energy)
        self._uart = Uart(world.clock, self._sent)
        self.usb = UsbConsole(chip, world.clock, self._sent, post)
        self.usb_host = UsbHost(world.clock, self._sent, post)
        self._spi = Spi()
        self.analog = Analog(chip, self._chance)
        self._flash = FlashPort(self.nvs, self._cpu, world.clock, self._chance)
        self._wake_timer: Timer | None = None
        self._watchdog = Watchdog(world.clock, self.bite)
        self._wake_pins = WakePins([])
        self._cpu.calls = {
            "hello": self._hello_later,
            "wait": self._cpu.wait,
            "reset": self._reset,
            "deepsleep": self._deep_sleep,
            "lightsleep": self._light_sleep,
            "freq": self._set_mhz,
            "wdt_feed": self._watchdog.feed,
            "urandom": lambda count: list(world.rng.randbytes(count)),
            **self._pins.calls,
            **self.memories.calls,
            **self._flash.calls,
            **self._bluetooth.calls,
            **self._uart.calls,
            **self.usb.calls,
            **self.usb_host.calls,
            **self._spi.calls,
            "pin_get": self._read_pin,
            **self.analog.calls,
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

    def watch(self, gpio: int, watcher: Callable[[int], None]) -> None:
        """Call `watcher(level)` whenever the board changes an output."""
        self._pins.watch(gpio, watcher)

    def fit_battery(self, battery: Battery, loads: Mapping[str, float]) -> None:
        """Power the board from `battery`; `loads` are mA of each state of its `energy`."""
        now_us = lambda: self._world.clock.now_us  # noqa: E731
        self.supply = Supply(battery, loads, self.energy, now_us, self.chip.brown_out_mv)
        self.energy.before = self.supply.settle
        self.energy.after = self._check_supply

    def fit_divider(self, gpio: int, ratio_1000: int, enable: int = -1, level: int = 1) -> None:
        """Lead the battery to an ADC pin, its mV * 1000 / ratio, while `enable` is at `level`."""

        def pin_mv() -> float:
            on = enable < 0 or self._pins.output(enable) == level
            return self.supply.volts_mv() * 1000 / ratio_1000 if on and self.supply else 0.0

        self.analog.sources[gpio] = pin_mv

    def fit_lora(self, wiring: LoraWiring) -> Sx1262:
        """Put an SX1262 on the pins of a pin map; its power is the board's."""
        radio = self._world.lora.radio(self.name)
        self._spi.socket = LoraSocket(radio, wiring, self._pins, self.drive)
        chip = self._spi.socket.chip
        chip.on_state = self._lora_is
        return chip

    def uart_feed(self, data: bytes) -> None:
        """Send bytes to the board's serial line: its UART, or its USB where the firmware uses that."""
        if self.usb_host.used:
            self.usb_host.feed(data)
        elif self.usb.used:
            self.usb.feed(data)
        else:
            self._cpu.post(["uart", data.hex()])

    def _heard(self, report: Report) -> None:
        self._bluetooth.heard(report)

    def _sent(self, data: bytes) -> None:
        self.on_uart(data)

    # Starts and ends

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
            "chip": self.chip.name,
            "boot_us": now_us,
            "rtc_zero_us": self.rtc.zero_us(),
            "reset_cause": cause,
            "wake_reason": wake_reason,
            "mac": list(self._mac),
            "pins": sorted(self.chip.pins),
            "gpio_wake_pins": sorted(self.chip.gpio_wake_pins),
            "ext_wake_pins": sorted(self.chip.ext_wake_pins),
            "adc_pins": sorted(self.chip.adc_pins),
            "mhz": list(self.chip.mhz),
            "uarts": list(self.chip.uarts),
            "usb_device": not self.chip.usb_jtag,
            "spis": list(self.chip.spis),
            "advertise_min_us": self.chip.advertise_min_us,
        }
        self._boot_end_us = now_us + self.chip.boot_us
        self._cpu.start(self._world.start_cpu(self))

    def _stop(self, power: Power) -> None:
        """End the CPU; `power` is what comes after."""
        self._cpu.stop()
        if self._wake_timer is not None:
            self._wake_timer.cancel()
        self._watchdog.stop()
        self._flash.cut()
        self._set_mhz(self.chip.mhz[0])
        self._bluetooth.reset()
        self.usb.reset()
        self.usb_host.reset()
        self._pins.sleep()
        if power is Power.OFF:
            self._pins.reset()
        self._set_power(power)

    def _set_power(self, power: Power) -> None:
        self.power = power
        self.energy.enter(_CPU[power])
        if self._spi.socket is not None:
            self._spi.socket.supply(int(power is not Power.OFF))
        self.on_power(power)

    def _lora_is(self, old: str, new: str) -> None:
        self.energy.switch(f"lora {old}", 0.0)
        self.energy.switch(f"lora {new}", float(new != "off"))

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

    def _read_pin(self, gpio: int) -> object:
        level, socket = self._pins.get(gpio), self._spi.socket
        if not level or socket is None or gpio != socket.busy_gpio:
            return level
        until_us = socket.look_us(self._world.clock.now_us)
        return self._cpu.park(until_us, lambda: self._cpu.resume(self._pins.get(gpio)))

    def _set_mhz(self, mhz: int) -> None:
        """Run the CPU at another clock; `energy` knows of it where it is not that of the start."""
        self.energy.switch(f"{self.mhz} MHz", 0.0)
        self.mhz = mhz
        self.energy.switch(f"{mhz} MHz", float(mhz != self.chip.mhz[0]))
