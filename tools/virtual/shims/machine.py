"""`machine` of the ESP32 port, as far as firmware uses it; it refuses what the chip lacks."""

import binascii
import io
import sys

import _air

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

PIN_WAKE = 2
EXT0_WAKE = 2
EXT1_WAKE = 3
TIMER_WAKE = 4
GPIO_WAKE = 7  # the port hands on the chip's own number where it has no name

_MP_STREAM_POLL = 3
_POLLIN = 1
_POLLOUT = 4

wake_sources = {}  # reason -> [reason, [gpio, ...], level]
deep_sleep_hold = False
_wake_reason = _air.hello["wake_reason"]
_mhz = _air.hello["mhz"][0]
_held = set()


def reset_cause():
    """Return why the chip started."""
    return _air.hello["reset_cause"]


def wake_reason():
    """Return what woke it."""
    return _wake_reason


def wake_pins():
    """Return the numbers of the pins that woke it from deep sleep."""
    return tuple(_air.hello["wake_pins"])


if _air.hello["wake_pins"] is None:  # before MicroPython 1.29
    del wake_pins


def unique_id():
    """Return the six bytes of the base MAC address."""
    return bytes(_air.hello["mac"])


def reset():
    """Start again; nothing behind this runs."""
    _air.call("reset")


def deepsleep(time_ms=0):
    """Sleep until a wake source; nothing behind this runs."""
    for gpio in _held:
        _air.call("pin_hold", gpio, deep_sleep_hold)
    _air.call("deepsleep", time_ms, list(wake_sources.values()))


def lightsleep(time_ms=0):
    """Sleep with everything kept; edges meanwhile are lost."""
    global _wake_reason
    _wake_reason = _air.call("lightsleep", time_ms, list(wake_sources.values()))


def freq(hz=None):
    """Return the clock of the CPU, or set it."""
    global _mhz
    if hz is None:
        return _mhz * 1_000_000
    if hz % 1_000_000 or hz // 1_000_000 not in _air.hello["mhz"]:
        raise ValueError("frequency must be one the chip has")
    _mhz = hz // 1_000_000
    _air.call("freq", _mhz)
    return None


def idle():
    """Let other tasks run."""
    _air.advance(1000)


def number_of(pin):
    """Return the GPIO of a `Pin`."""
    if not isinstance(pin, Pin):
        raise TypeError("expecting a pin")
    return pin.gpio


class Pin:
    """One GPIO: as in the port, each has one object, which is there from the start."""

    IN = 1
    OUT = 3
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __new__(cls, gpio, mode=-1, pull=-1, *, value=None, hold=None):
        """Configure `gpio`; a number the chip does not bring out is refused."""
        pin = _pins.get(gpio)
        if pin is None:
            raise ValueError("invalid pin")
        pin.init(mode, pull, value=value, hold=hold)
        return pin

    def init(self, mode=-1, pull=-1, *, value=None, hold=None):
        """Configure again."""
        if hold is not None:
            (_held.add if hold else _held.discard)(self.gpio)
        if mode == pull == -1 and value is None:
            return
        if mode not in (-1, Pin.IN, Pin.OUT):
            raise ValueError("pin mode is not modelled by the virtual bench")
        _air.call("pin_mode", self.gpio, mode, pull)
        if value is not None:
            self.value(value)

    def value(self, level=None):
        """Read the level, or drive it."""
        if level is None:
            return _air.call("pin_get", self.gpio)
        _air.post("pin_set", self.gpio, 1 if level else 0)
        return None

    __call__ = value

    def on(self):
        """Drive high."""
        self.value(1)

    def off(self):
        """Drive low."""
        self.value(0)

    def irq(self, handler=None, trigger=3, *, hard=False):
        """Call `handler(pin)` at edges, through the scheduler."""
        self.handler = handler
        self.trigger = trigger
        _air.call("pin_irq", self.gpio, trigger if handler else 0)


def _new_pin(gpio):
    pin = object.__new__(Pin)
    pin.gpio = gpio
    pin.handler = None
    pin.trigger = 0
    return pin


_pins = {gpio: _new_pin(gpio) for gpio in _air.hello["pins"]}


def _edge(gpio, rising):
    pin = _pins[gpio]
    if pin.handler and pin.trigger & (Pin.IRQ_RISING if rising else Pin.IRQ_FALLING):
        try:
            pin.handler(pin)
        except Exception as error:  # noqa: BLE001
            sys.print_exception(error)  # the scheduler says so and goes on


_air.on("pin", _edge)


class ADC:
    """One pin of the first converter."""

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=0):
        """Measure at `pin`, a `Pin` or its number, up to what `atten` lets through."""
        gpio = pin.gpio if isinstance(pin, Pin) else pin
        if gpio not in _air.hello["adc_pins"]:
            raise ValueError("invalid pin")
        self._gpio = gpio
        self.atten(atten)

    def atten(self, atten):
        """Set the attenuation."""
        if not ADC.ATTN_0DB <= atten <= ADC.ATTN_11DB:
            raise ValueError("invalid atten")
        self._atten = atten

    def read_uv(self):
        """Return microvolts, calibrated."""
        return _air.call("adc_uv", self._gpio, self._atten)


class RTC:
    """The memory that survives deep sleep and reset: 2,048 bytes, without a checksum."""

    _LONGEST = 2048
    _kept = binascii.unhexlify(_air.call("rtc_get"))  # outside the heap, on a board

    def memory(self, data=None):
        """Return the memory, or store `data`."""
        if data is None:
            return bytes(memoryview(RTC._kept))
        if len(data) > RTC._LONGEST:
            raise ValueError("buffer too long")
        RTC._kept = bytes(data)
        _air.give(data, "rtc_set")
        return None


class WDT:
    """The hardware watchdog: once started it cannot be stopped."""

    def __init__(self, id=0, timeout=5000):
        """Reset the chip when not fed for `timeout` ms."""
        if id != 0 or timeout < 1:
            raise ValueError("WDT")
        self._timeout_ms = timeout
        self.feed()

    def feed(self):
        """Begin again to count."""
        _air.call("wdt_feed", self._timeout_ms)


class UART(io.IOBase):
    """A serial line. Input beyond `rxbuf` is lost, as on the chip."""

    def __init__(self, id, baudrate=115200, *, tx=-1, rx=-1, rxbuf=256, txbuf=256, timeout=0):
        """Open UART `id`."""
        if id not in _air.hello["uarts"]:
            raise ValueError("UART({}) does not exist".format(id))
        for gpio in (tx, rx):
            if gpio not in _air.hello["pins"]:
                raise ValueError("invalid pin")
        if rxbuf < 129 or txbuf < 129:
            raise ValueError("UART buffers hold more than 128 bytes")
        self._rx = bytearray()
        self._rxbuf = rxbuf
        self._txbuf = txbuf
        self.lost = 0
        _air.on("uart", self._received)
        _air.call("uart_open", baudrate)

    def any(self):
        """Return how many bytes wait."""
        return len(self._rx)

    def read(self, count=-1):
        """Return what waits, or None."""
        if not self._rx:
            return None
        count = len(self._rx) if count < 0 else count
        data = bytes(self._rx[:count])
        self._rx = self._rx[count:]
        return data

    def write(self, data):
        """Hand as many bytes as fit to the line; return how many, or None."""
        taken = _air.call("uart_write", data.hex(), self._txbuf)
        return taken if taken else None

    def ioctl(self, request, flags):
        """Answer `select.poll`."""
        if request != _MP_STREAM_POLL:
            return -1
        return flags & ((_POLLIN if self._rx else 0) | _POLLOUT)

    def _received(self, text):
        data = binascii.unhexlify(text)
        room = self._rxbuf - len(self._rx)
        self.lost += max(0, len(data) - room)
        self._rx.extend(data[:room])


class SPI:
    """A hardware SPI bus. It has no chip select: that is a pin of its own."""

    MSB = 0
    LSB = 1

    def __init__(
        self,
        id,
        baudrate=500_000,
        *,
        polarity=0,
        phase=0,
        bits=8,
        firstbit=0,
        sck=None,
        mosi=None,
        miso=None,
    ):
        """Open bus `id`; the C3 has only SPI(1)."""
        if id not in _air.hello["spis"]:
            raise ValueError("SPI({}) doesn't exist".format(id))
        if bits != 8 or firstbit != SPI.MSB:
            raise ValueError("bits and their order are not modelled by the virtual bench")
        if sck is None or mosi is None or miso is None:
            raise ValueError("default pins are not modelled by the virtual bench")
        lines = [number_of(pin) for pin in (sck, mosi, miso)]
        self._id = id
        _air.call("spi_open", id, baudrate, polarity << 1 | phase, lines)

    def deinit(self):
        """Close the bus."""
        self._id = None

    def write(self, data):
        """Send `data`; what comes back is lost."""
        self._transfer(data)

    def read(self, count, write=0):
        """Return `count` bytes; the byte `write` is sent meanwhile."""
        return self._transfer(bytes([write]) * count)

    def readinto(self, buffer, write=0):
        """Fill `buffer`; the byte `write` is sent meanwhile."""
        buffer[:] = self._transfer(bytes([write]) * len(buffer))

    def write_readinto(self, data, buffer):
        """Send `data` and fill `buffer`, which is as long."""
        if len(data) != len(buffer):
            raise ValueError("buffers must be the same length")
        buffer[:] = self._transfer(data)

    def _transfer(self, data):
        if self._id is None:
            raise OSError("transfer on deinitialized SPI")
        if not data:
            raise ValueError("buffer too short")
        sent = data.hex()
        return binascii.unhexlify(_air.call("spi", self._id, sent))


def __getattr__(name):
    if name == "USBDevice" and _air.hello["usb_device"]:
        from _usb import USBDevice

        return USBDevice
    if name == "I2C":
        from _i2c import I2C

        return I2C
    raise AttributeError(name)
