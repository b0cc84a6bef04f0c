"""`esp32`: NVS and wake sources, as strict as the port."""

import binascii

import _air
import machine

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True

_NOT_FOUND = -0x1102
_INVALID_LENGTH = -0x110C
_KEY_TOO_LONG = -0x1109
_LONGEST_NAME = 15
_ERRORS = {0x1105: "ESP_ERR_NVS_NOT_ENOUGH_SPACE"}


def _check_name(name):
    if not 0 < len(name) <= _LONGEST_NAME:
        raise OSError(_KEY_TOO_LONG, "ESP_ERR_NVS_KEY_TOO_LONG")


class NVS:
    """A namespace of the non-volatile storage: i32 and blobs, each key atomic."""

    def __init__(self, namespace):
        """Open `namespace`."""
        _check_name(namespace)
        self._namespace = namespace

    def get_i32(self, key):
        """Return a number."""
        return self._get("i32", key)

    def set_i32(self, key, value):
        """Store a number of 32 bits."""
        if not -(1 << 31) <= value < 1 << 31:
            raise OverflowError("overflow converting long int to machine word")
        self._set("i32", key, value)

    def get_blob(self, key, buffer):
        """Copy a blob into `buffer`; return its length."""
        blob = binascii.unhexlify(self._get("blob", key))
        if len(blob) > len(buffer):
            raise OSError(_INVALID_LENGTH, "ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(blob)] = blob
        return len(blob)

    def set_blob(self, key, value):
        """Store a blob."""
        self._set("blob", key, value.hex())

    def erase_key(self, key):
        """Forget a key."""
        _check_name(key)
        if not _air.call("nvs_erase", self._namespace, key):
            raise OSError(_NOT_FOUND, "ESP_ERR_NVS_NOT_FOUND")

    def commit(self):
        """Finish what was set: the port writes each set at once, this costs a flash operation."""
        _air.call("nvs_commit")

    def _get(self, kind, key):
        _check_name(key)
        value = _air.call("nvs_get", self._namespace, key, kind)
        if value is None:
            raise OSError(_NOT_FOUND, "ESP_ERR_NVS_NOT_FOUND")
        return value

    def _set(self, kind, key, value):
        _check_name(key)
        code = _air.call("nvs_set", self._namespace, key, kind, value)
        if code:
            raise OSError(-code, _ERRORS.get(code, "ESP_FAIL"))


def wake_on_gpio(pins, level):
    """Wake from sleep by pins that the chip can wake by (ESP32-C3: GPIO 0 to 5)."""
    numbers = [] if pins is None else [machine.number_of(pin) for pin in pins]
    _arm(machine.GPIO_WAKE, numbers, level, _air.hello["gpio_wake_pins"])


def wake_on_ext0(pin=None, level=False):
    """Wake from sleep by one RTC pin."""
    numbers = [] if pin is None else [machine.number_of(pin)]
    _arm(machine.EXT0_WAKE, numbers, level, _air.hello["ext_wake_pins"])


def wake_on_ext1(pins=None, level=False):
    """Wake from sleep by any of some RTC pins (any low too, but on the original ESP32)."""
    numbers = [] if pins is None else [machine.number_of(pin) for pin in pins]
    _arm(machine.EXT1_WAKE, numbers, level, _air.hello["ext_wake_pins"])


def gpio_deep_sleep_hold(enable):
    """Hold in deep sleep what `Pin(hold=True)` holds."""
    machine.deep_sleep_hold = bool(enable)


def _arm(reason, numbers, level, allowed):
    for number in numbers:
        if number not in allowed:
            raise ValueError("invalid pin")
    machine.wake_sources[reason] = [reason, numbers, 1 if level else 0]


if not _air.hello["ext_wake_pins"]:
    del wake_on_ext0, wake_on_ext1
if not _air.hello["gpio_wake_pins"]:
    del wake_on_gpio
