"""What a virtual chip has beside its CPU. Each peripheral names the calls of the shims it answers."""

from collections.abc import Callable, Mapping
from functools import partial
from random import Random

from tools.virtual.ble_air import ADV_IND, ADV_SCAN_IND, BleRadio, Report
from tools.virtual.clock import Clock, Timer
from tools.virtual.energy import ADVERTISING, BLE, BLE_SCAN, BLE_TX, Energy
from tools.virtual.flash import Nvs

Call = Callable[..., object]
Post = Callable[[list[object]], None]  # hands an interrupt to the CPU

_PUBLIC, _RANDOM = 0, 1
_IRQ_RISING, _IRQ_FALLING = 1, 2


class Pins:
    """GPIOs: levels from outside, outputs from inside."""

    def __init__(self, post: Post, energy: Energy) -> None:
        """Begin with every input pulled up."""
        self._post = post
        self._energy = energy
        self._held: set[int] = set()
        self._levels: dict[int, int] = {}
        self._outputs: dict[int, int] = {}
        self._triggers: dict[int, int] = {}
        self._watchers: dict[int, list[Callable[[int], None]]] = {}
        self._wires: dict[int, Callable[[int | None], None]] = {}
        self.calls: Mapping[str, Call] = {
            "pin_mode": self._mode,
            "pin_get": self.get,
            "pin_set": self._set,
            "pin_irq": self._irq,
            "pin_hold": self._hold,
        }

    def level(self, gpio: int) -> int:
        """Return the level from outside."""
        return self._levels.get(gpio, 1)

    def drive(self, gpio: int, level: int) -> bool:
        """Set the level from outside; say whether it changed."""
        if self.level(gpio) == level:
            return False
        self._levels[gpio] = level
        if self._triggers.get(gpio, 0) & (_IRQ_RISING if level else _IRQ_FALLING):
            self._post(["pin", gpio, bool(level)])
        return True

    def watch(self, gpio: int, watcher: Callable[[int], None]) -> None:
        """Call `watcher(level)` whenever an output changes."""
        self._watchers.setdefault(gpio, []).append(watcher)

    def wire(self, gpio: int, wire: Callable[[int | None], None]) -> None:
        """Lead a pin to a chip on the board: `wire(level)` when it is driven, None when released."""
        self._wires[gpio] = wire

    def output(self, gpio: int) -> int:
        """Return what the firmware drives, 0 where nothing."""
        return self._outputs.get(gpio, 0)

    def sleep(self) -> None:
        """Let every output go low that is not held."""
        for gpio in [gpio for gpio in self._outputs if gpio not in self._held]:
            if gpio in self._wires:
                self._wires[gpio](None)
            else:
                self._set(gpio, 0)
            del self._outputs[gpio]
        self._triggers = {}

    def reset(self) -> None:
        """Let every output go low."""
        self._held = set()
        self.sleep()

    def _mode(self, gpio: int, mode: int, pull: int) -> None:
        del gpio, mode, pull  # the shim has refused what the chip has not

    def get(self, gpio: int) -> int:
        """Return the level that the firmware reads."""
        return self._outputs.get(gpio, self.level(gpio))

    def _set(self, gpio: int, level: int) -> None:
        if gpio in self._wires:
            self._wires[gpio](level)
        elif self._outputs.get(gpio, 0) != level:
            for watcher in self._watchers.get(gpio, []):
                watcher(level)
            self._energy.switch(f"pin {gpio}", float(level))
        self._outputs[gpio] = level

    def _irq(self, gpio: int, trigger: int) -> None:
        self._triggers[gpio] = trigger

    def _hold(self, gpio: int, hold: bool) -> None:
        if hold:
            self._held.add(gpio)
        else:
            self._held.discard(gpio)


class Memories:
    """RTC memory, which survives sleep and reset, and what can be had of NVS at once."""

    def __init__(self, nvs: Nvs) -> None:
        """Take the flash of the board; the board itself answers `nvs_set`, which takes time."""
        self._nvs = nvs
        self.rtc = b""
        self.calls: Mapping[str, Call] = {
            "rtc_get": self._rtc_get,
            "rtc_set": self._rtc_set,
            "nvs_get": self._nvs_get,
            "nvs_erase": nvs.erase,
            "nvs_commit": lambda: None,
        }

    def power_lost(self) -> None:
        """Forget what needs power."""
        self.rtc = b""

    def _rtc_get(self) -> str:
        return self.rtc.hex()

    def _rtc_set(self, text: str) -> None:
        self.rtc = bytes.fromhex(text)

    def _nvs_get(self, namespace: str, key: str, kind: str) -> object:
        value = self._nvs.get(namespace, key, kind)
        return value.hex() if isinstance(value, bytes) else value


class Bluetooth:
    """The radio and its address."""

    def __init__(
        self, radio: BleRadio, rng: Random, mac: bytes, post: Post, energy: Energy
    ) -> None:
        """Drive `radio`; what it hears comes by `heard`."""
        self._radio = radio
        self._radio.on_air = partial(energy.add, BLE_TX)
        self._energy = energy
        self._clock = radio.clock
        self._rng = rng
        self._mac = mac
        self._post = post
        self._address = (_PUBLIC, mac)
        self._scan_end: Timer | None = None
        self.calls: Mapping[str, Call] = {
            "ble_active": self._active,
            "ble_mac": lambda: [self._address[0], list(self._address[1])],
            "ble_address": self._new_address,
            "ble_advertise": self._advertise,
            "ble_scan": self._scan,
        }

    def heard(self, report: Report) -> None:
        """Take an advertisement from the air."""
        address, data = report.address.hex(), report.data.hex()
        kind, rssi = report.adv_type, report.rssi
        self._post(["ble_result", report.address_type, address, kind, rssi, data])

    def reset(self) -> None:
        """Fall silent and deaf, with the public address."""
        self._active(False)
        if self._scan_end is not None:
            self._scan_end.cancel()
        self._address = (_PUBLIC, self._mac)

    def _active(self, on: bool) -> None:
        self._energy.switch(BLE, float(on))
        if not on:
            self._stop_advertising()
            self._stop_scanning()

    def _stop_advertising(self) -> None:
        self._energy.switch(ADVERTISING, 0.0)
        self._radio.stop_advertising()

    def _stop_scanning(self) -> None:
        self._energy.switch(BLE_SCAN, 0.0)
        self._radio.stop_scanning()

    def _new_address(self, mode: int) -> None:
        if mode == 0:
            self._address = (_PUBLIC, self._mac)
        else:  # the two top bits of a non-resolvable private address are 0, of a static one 1
            random_part = bytearray(self._rng.randbytes(6))
            random_part[0] = random_part[0] & 0x3F | (0xC0 if mode == 1 else 0)
            self._address = (_RANDOM, bytes(random_part))

    def _advertise(
        self, interval_us: int | None, text: str = "", connectable: bool = False
    ) -> None:
        if interval_us is None:
            self._stop_advertising()
        else:
            self._energy.switch(ADVERTISING, 1.0)
            kind = ADV_IND if connectable else ADV_SCAN_IND
            advert = Report(*self._address, kind, 0, bytes.fromhex(text))
            self._radio.advertise(interval_us, advert)

    def _scan(self, duration_ms: int | None, interval_us: int = 0, window_us: int = 0) -> None:
        if self._scan_end is not None:
            self._scan_end.cancel()
        if duration_ms is None:
            self._stop_scanning()
        else:
            self._energy.switch(BLE_SCAN, window_us / interval_us)
            self._radio.scan(interval_us, window_us)
            if duration_ms:
                self._scan_end = self._clock.after(duration_ms * 1000, self._scan_over)

    def _scan_over(self) -> None:
        self._stop_scanning()
        self._post(["ble_done"])


class Uart:
    """The serial line, as fast as its baud rate."""

    def __init__(self, clock: Clock, sink: Callable[[bytes], None]) -> None:
        """Hand what the firmware sends to `sink`."""
        self._clock = clock
        self._sink = sink
        self._us_per_byte = 0.0
        self._free_us = 0.0
        self.calls: Mapping[str, Call] = {"uart_open": self._open, "uart_write": self._write}

    def _open(self, baud: int) -> None:
        self._us_per_byte = 10_000_000 / baud

    def _write(self, text: str, buffer: int) -> int:
        now_us = self._clock.now_us
        self._free_us = max(self._free_us, float(now_us))
        waiting = int((self._free_us - now_us) / self._us_per_byte)
        taken = bytes.fromhex(text)[: max(0, buffer - waiting)]
        self._free_us += len(taken) * self._us_per_byte
        self._clock.at(int(self._free_us), partial(self._sink, taken))
        return len(taken)
