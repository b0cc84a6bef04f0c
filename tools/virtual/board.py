"""What is on a virtual board around the CPU: the chip's peripherals, and what is wired to its pins."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING

from tools.virtual.analog import Analog
from tools.virtual.ble_air import Report
from tools.virtual.chips import Chip
from tools.virtual.cpu import Cpu
from tools.virtual.energy import Energy
from tools.virtual.flash import Nvs
from tools.virtual.flash_port import FlashPort
from tools.virtual.i2c import I2cBus
from tools.virtual.peripherals import Bluetooth, Call, Memories, Pins, Uart
from tools.virtual.spi_bus import Spi
from tools.virtual.supply import Supply
from tools.virtual.usb_console import UsbConsole
from tools.virtual.usb_host import UsbHost

if TYPE_CHECKING:
    from tools.virtual.world import World


class Board:
    """A chip whose peripherals answer the calls of `cpu`."""

    def __init__(self, world: "World", name: str, chip: Chip, mac: bytes, cpu: Cpu) -> None:
        """Begin with every input pulled up and nothing wired."""
        self.name = name
        self.chip = chip
        self.mhz = chip.mhz[0]
        self.nvs = Nvs()
        self.energy = Energy(lambda: world.clock.now_us)
        self.supply: Supply | None = None
        self.radio = world.ble.radio(name, self._heard)
        self.on_uart: Callable[[bytes], None] = lambda _data: None
        self._world = world
        self._mac = mac
        self._cpu = cpu
        self._chance = Random(mac)  # its own, so that it does not disturb the world's
        self._pins = Pins(cpu.post, self.energy)
        self.memories = Memories(self.nvs)
        self._bluetooth = Bluetooth(self.radio, world.rng, mac, cpu.post, self.energy)
        self._uart = Uart(world.clock, self._sent)
        self.usb = UsbConsole(chip, world.clock, self._sent, cpu.post)
        self.usb_host = UsbHost(world.clock, self._sent, cpu.post)
        self._spi = Spi()
        self.i2c = I2cBus()
        self.analog = Analog(chip, self._chance)
        self._flash = FlashPort(self.nvs, cpu, world.clock, self._chance)
        self._calls: Mapping[str, Call] = {
            "freq": self._set_mhz,
            **self._pins.calls,
            **self.memories.calls,
            **self._flash.calls,
            **self._bluetooth.calls,
            **self._uart.calls,
            **self.usb.calls,
            **self.usb_host.calls,
            **self._spi.calls,
            **self.i2c.calls,
            "pin_get": self._read_pin,
            **self.analog.calls,
        }

    def watch(self, gpio: int, watcher: Callable[[int], None]) -> None:
        """Call `watcher(level)` whenever the board changes an output."""
        self._pins.watch(gpio, watcher)

    def fit_divider(self, gpio: int, ratio_1000: int, enable: int = -1, level: int = 1) -> None:
        """Lead the battery to an ADC pin, its mV * 1000 / ratio, while `enable` is at `level`."""

        def pin_mv() -> float:
            on = enable < 0 or self._pins.output(enable) == level
            return self.supply.volts_mv() * 1000 / ratio_1000 if on and self.supply else 0.0

        self.analog.sources[gpio] = pin_mv

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

    def _facts(self) -> dict[str, object]:
        """Return what the shims are to know of the chip."""
        return {
            "chip": self.chip.name,
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

    def _peripherals_end(self, *, powered: bool) -> None:
        """Leave what goes on without the CPU: with power, the outputs that are held."""
        self._flash.cut()
        self._set_mhz(self.chip.mhz[0])
        self._bluetooth.reset()
        self.usb.reset()
        self.usb_host.reset()
        self._pins.sleep()
        if not powered:
            self._pins.reset()

    def _supply_lora(self, *, on: bool) -> None:
        if self._spi.socket is not None:
            self._spi.socket.supply(int(on))

    def _lora_is(self, old: str, new: str) -> None:
        self.energy.switch(f"lora {old}", 0.0)
        self.energy.switch(f"lora {new}", float(new != "off"))

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
