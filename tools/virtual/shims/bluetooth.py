"""`bluetooth` of the ESP32 port (NimBLE): advertising and scanning, as strict as the port.

Interrupts come while the firmware waits; the buffers they show are gone when the handler returns, and
a handler that raises is never called again.
"""

import binascii
import sys

import _air
from micropython import const

_IRQ_SCAN_RESULT = const(5)
_IRQ_SCAN_DONE = const(6)
_START_US = const(200_000)
# The radio has power from phy_init on, 14 of 87 ms in a C3's log: ESP-IDF, nimble/power_save/README.md.
_BEFORE_RADIO_US = const(32_000)
_LONGEST = const(31)
_INACTIVE = const(19)
_INVALID = const(22)

_instance = None


def BLE():
    """Return the one radio."""
    global _instance
    if _instance is None:
        _instance = _BLE()
    return _instance


class _BLE:
    def __init__(self):
        self._active = False
        self._handler = None
        self._advertising = False
        self._scanning = False
        self._adv_data = b""
        self._addr_mode = 0
        _air.on("ble_result", self._result)
        _air.on("ble_done", self._done)

    def active(self, active=None):
        if active is not None and bool(active) != self._active:
            if active:
                _air.advance(_BEFORE_RADIO_US)
            else:
                self._advertising = self._scanning = False
            _air.call("ble_active", bool(active))
            if active:
                _air.advance(_START_US - _BEFORE_RADIO_US)
            self._active = bool(active)
        return self._active

    def irq(self, handler):
        self._handler = handler

    def config(self, param=None, **settings):
        if param is not None:
            if param == "mac":
                self._need_active()
                kind, address = _air.call("ble_mac")
                return (kind, bytes(address))
            raise ValueError("unknown config param")
        for key, value in settings.items():
            if key != "addr_mode":
                raise ValueError("unknown config param")
            if not 0 <= value <= 3:
                raise ValueError("addr_mode")
            # The stack keeps its address while anything is on air, and does not say so.
            if self._active and not self._advertising and not self._scanning:
                self._addr_mode = value
                _air.call("ble_address", value)
        return None

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._need_active()
        if interval_us is None:
            self._advertising = False
            _air.call("ble_advertise", None)
            return
        if adv_data is not None:
            if len(adv_data) > _LONGEST:
                raise OSError(_INVALID)
            self._adv_data = bytes(adv_data)
        if resp_data is not None and len(resp_data) > _LONGEST:
            raise OSError(_INVALID)
        if interval_us < _air.hello["advertise_min_us"]:
            raise OSError(_INVALID)
        interval_us = interval_us // 625 * 625
        self._advertising = True
        data = self._adv_data.hex()
        _air.call("ble_advertise", interval_us, data, bool(connectable))

    def gap_scan(self, duration_ms, interval_us=1_280_000, window_us=11_250, active=False):
        self._need_active()
        if duration_ms is None:
            if self._scanning:
                self._scanning = False
                _air.call("ble_scan", None)
                self._call(_IRQ_SCAN_DONE, ())  # inside this call, as the port does
            return
        if not 2_500 <= interval_us <= 40_959_375 or not 2_500 <= window_us <= interval_us:
            raise OSError(_INVALID)
        if self._scanning:
            raise OSError(114)  # EALREADY
        self._scanning = True
        _air.call("ble_scan", duration_ms, interval_us // 625 * 625, window_us // 625 * 625)

    def _need_active(self):
        if not self._active:
            raise OSError(_INACTIVE)

    def _result(self, addr_type, addr, adv_type, rssi, data):
        if not self._scanning:
            return
        address = bytearray(binascii.unhexlify(addr))
        payload = bytearray(binascii.unhexlify(data))
        event = (addr_type, memoryview(address), adv_type, rssi, memoryview(payload))
        self._call(_IRQ_SCAN_RESULT, event)
        for buffer in (address, payload):  # what the handler kept is dead now
            for i in range(len(buffer)):
                buffer[i] = 0xDD

    def _done(self):
        if self._scanning:
            self._scanning = False
            self._call(_IRQ_SCAN_DONE, ())

    def _call(self, event, data):
        if self._handler is None:
            return
        try:
            self._handler(event, data)
        except Exception as error:  # noqa: BLE001
            sys.print_exception(error)
            self._handler = None  # removed for good
