"""`machine` of the ESP32 port, as far as firmware uses it; it refuses what the chip lacks."""

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

wake_pins = []
wake_level = 0
_pin_handlers = {}


def reset_cause():
    """Return why the chip started."""
    return _air.hello["reset_cause"]


def wake_reason():
    """Return what woke it."""
    return _air.hello["wake_reason"]


def unique_id():
    """Return the six bytes of the base MAC address."""
    return bytes(_air.hello["mac"])


def reset():
    """Start again; nothing behind this runs."""
    _air.call("reset")


def deepsleep(time_ms=0):
    """Sleep until a wake source; nothing behind this runs."""
    _air.call("deepsleep", time_ms, wake_pins, wake_level)


def idle():
    """Let other tasks run."""
    _air.advance(1000)


def number_of(pin):
    """Return the GPIO of a `Pin`."""
    if not isinstance(pin, Pin):
        raise TypeError("expecting a pin")
    return pin.gpio


class Pin:
    """One GPIO."""

    IN = 1
    OUT = 3
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, gpio, mode=-1, pull=-1, *, value=None):
        """Configure `gpio`; a number the chip does not bring out is refused."""
        if gpio not in _air.hello["pins"]:
            raise ValueError("invalid pin")
        self.gpio = gpio
        if mode != -1:
            self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        """Configure again."""
        if mode not in (-1, Pin.IN, Pin.OUT):
            raise ValueError("pin mode is not modelled by the virtual bench")
        _air.call("pin_mode", self.gpio, mode, pull)
        if value is not None:
            self.value(value)

    def value(self, level=None):
        """Read the level, or drive it."""
        if level is None:
            return _air.call("pin_get", self.gpio)
        _air.call("pin_set", self.gpio, 1 if level else 0)
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
        _pin_handlers[self.gpio] = (handler, trigger, self)
        _air.call("pin_irq", self.gpio, trigger if handler else 0)


def _edge(gpio, rising):
    handler, trigger, pin = _pin_handlers.get(gpio, (None, 0, None))
    if handler and trigger & (Pin.IRQ_RISING if rising else Pin.IRQ_FALLING):
        try:
            handler(pin)
        except Exception as error:  # noqa: BLE001
            sys.print_exception(error)  # the scheduler says so and goes on


_air.on("pin", _edge)


class RTC:
    """The memory that survives deep sleep and reset: 2,048 bytes, without a checksum."""

    _LONGEST = 2048

    def memory(self, data=None):
        """Return the memory, or store `data`."""
        if data is None:
            return bytes(_air.call("rtc_get"))
        if len(data) > RTC._LONGEST:
            raise ValueError("buffer too long")
        _air.call("rtc_set", list(bytes(data)))
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
        taken = _air.call("uart_write", list(bytes(data)), self._txbuf)
        return taken if taken else None

    def ioctl(self, request, flags):
        """Answer `select.poll`."""
        if request != _MP_STREAM_POLL:
            return -1
        return flags & ((_POLLIN if self._rx else 0) | _POLLOUT)

    def _received(self, data):
        room = self._rxbuf - len(self._rx)
        self.lost += max(0, len(data) - room)
        self._rx.extend(bytes(data[:room]))
