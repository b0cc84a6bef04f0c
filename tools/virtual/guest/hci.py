"""The chip of a Bluetooth adapter: HCI commands in, HCI events out, an antenna on the virtual air.

What Linux asks of a controller of Bluetooth 4.2 that has LE alone. It scans and advertises; it makes no
connections. Clauses are those of the Core specification 5.4, vol 4, part E. A packet is

    01 | opcode 2, least significant byte first | length | parameters          a command
    04 | event | length | parameters                                           an event
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from tools.virtual.ble_air import ADV_IND, ADV_SCAN_IND, Report

COMMAND = 0x01
_EVENT = 0x04
_COMMAND_COMPLETE = 0x0E
_COMMAND_STATUS = 0x0F
_LE_META = 0x3E
_ADVERTISING_REPORT = 0x02
_SCAN_RESPONSE = 0x04
_OK = b"\x00"
_UNKNOWN_COMMAND = 0x01
_DISALLOWED = b"\x0c"
_INVALID = b"\x12"
_SLOW_TICKS = 0xA0  # 100 ms: before Bluetooth 5 the least of what cannot be connected to
_CONNECTABLE = (0, 1, 4)
_TICK_US = 625
_SLOTS = 1  # commands that may be under way

RESET = 0x0C03
SET_EVENT_MASK = 0x0C01
READ_VERSION = 0x1001
READ_COMMANDS = 0x1002
READ_FEATURES = 0x1003
READ_ADDRESS = 0x1009
LE_SET_EVENT_MASK = 0x2001
LE_READ_BUFFERS = 0x2002
LE_READ_FEATURES = 0x2003
LE_SET_RANDOM_ADDRESS = 0x2005
LE_SET_ADV_PARAMETERS = 0x2006
LE_READ_ADV_POWER = 0x2007
LE_SET_ADV_DATA = 0x2008
LE_SET_SCAN_RESPONSE = 0x2009
LE_SET_ADV_ENABLE = 0x200A
LE_SET_SCAN_PARAMETERS = 0x200B
LE_SET_SCAN_ENABLE = 0x200C
LE_READ_ACCEPT_LIST_SIZE = 0x200F
LE_CLEAR_ACCEPT_LIST = 0x2010
LE_ADD_TO_ACCEPT_LIST = 0x2011
LE_REMOVE_FROM_ACCEPT_LIST = 0x2012
LE_READ_STATES = 0x201C

# Octet of the answer to READ_COMMANDS: its bits (6.27).
_SUPPORTED = {5: 0xC0, 14: 0x28, 15: 0x02, 25: 0xF7, 26: 0xCF, 27: 0x03, 28: 0x08}
_COMMANDS = bytes(_SUPPORTED.get(octet, 0) for octet in range(64))
_LE_ONLY = bytes([0, 0, 0, 0, 0x60, 0, 0, 0])  # vol 2, part C, 3.3: LE, no BR/EDR
_VERSION_4_2 = bytes([8, 0, 0, 8, 0xFF, 0xFF, 0, 0])
# What is asked once, and what never changes.
_FACTS: Mapping[int, bytes] = {
    SET_EVENT_MASK: b"",
    READ_VERSION: _VERSION_4_2,
    READ_COMMANDS: _COMMANDS,
    READ_FEATURES: _LE_ONLY,
    LE_READ_BUFFERS: bytes([27, 0, 4]),
    LE_READ_FEATURES: bytes(8),
    LE_READ_ADV_POWER: bytes([0]),
    LE_READ_ACCEPT_LIST_SIZE: bytes([8]),
    LE_CLEAR_ACCEPT_LIST: b"",
    LE_ADD_TO_ACCEPT_LIST: b"",
    LE_REMOVE_FROM_ACCEPT_LIST: b"",
    LE_READ_STATES: b"\xff\xff\xff\xff\xff\x03\x00\x00",
}


class Antenna(Protocol):
    """What a controller asks of its radio."""

    def advertise(self, interval_us: int, advert: Report, /) -> None:
        """Advertise from now on."""

    def stop_advertising(self) -> None:
        """Leave the air."""

    def scan(self, interval_us: int, window_us: int, /) -> None:
        """Listen from now on."""

    def stop_scanning(self) -> None:
        """Stop listening."""


class Controller:
    """One chip; `send` takes its events. Faults are flags: set them, and clear them."""

    def __init__(self, address: bytes, antenna: Antenna, send: Callable[[bytes], None]) -> None:
        """Begin as after power-on; `address` is the public one, most significant byte first."""
        self.hung = False  # answers nothing, tells nothing
        self.deaf = False  # answers, and hears nothing
        self.mends = False  # a reset ends its hanging, a new scan its deafness
        self.ignored: frozenset[int] = frozenset()  # opcodes that are never answered
        self.asked: list[int] = []  # opcodes, as they came
        self._public = address
        self._antenna = antenna
        self._send = send
        self._actions: Mapping[int, Callable[[bytes], bytes]] = {
            RESET: self._reset,
            READ_ADDRESS: lambda _: _OK + self._public[::-1],
            LE_SET_EVENT_MASK: self._set_le_events,
            LE_SET_RANDOM_ADDRESS: self._set_random_address,
            LE_SET_ADV_PARAMETERS: self._set_adv_parameters,
            LE_SET_ADV_DATA: self._set_adv_data,
            LE_SET_SCAN_RESPONSE: lambda _: _OK,
            LE_SET_ADV_ENABLE: self._enable_advertising,
            LE_SET_SCAN_PARAMETERS: self._set_scan_parameters,
            LE_SET_SCAN_ENABLE: self._enable_scan,
        }
        self._reset(b"")

    def power_off(self) -> None:
        """Fall silent and deaf; what comes next is the beginning."""
        self._reset(b"")

    def take(self, packet: bytes) -> None:
        """Obey a command, whole and with its first byte, and answer; anything else is ignored."""
        if packet[0] != COMMAND or len(packet) < 4:
            return
        opcode = int.from_bytes(packet[1:3], "little")
        self.asked.append(opcode)
        if self.mends:
            self.hung = self.hung and opcode != RESET
            self.deaf = self.deaf and opcode not in (RESET, LE_SET_SCAN_ENABLE)
        if self.hung or opcode in self.ignored:
            return
        if opcode in _FACTS:
            self._complete(opcode, _OK + _FACTS[opcode])
        elif opcode in self._actions:
            self._complete(opcode, self._actions[opcode](packet[4:]))
        else:
            status = bytes([_UNKNOWN_COMMAND, _SLOTS]) + packet[1:3]
            self._event(_COMMAND_STATUS, status)

    def hear(self, report: Report) -> None:
        """Tell of an advertisement (7.7.65.2)."""
        masked = not self._le_events & _ADVERTISING_REPORT
        if self.hung or self.deaf or masked or not self._scans:
            return
        if self._only_new:
            sender = (report.address_type, report.address)
            if sender in self._known:
                return
            self._known.add(sender)
        self._report(report.adv_type, report, report.data)
        # An active scanner asks; whoever is scannable answers: our devices have nothing more to say.
        if self._active and report.adv_type in (ADV_IND, ADV_SCAN_IND):
            self._report(_SCAN_RESPONSE, report, b"")

    def _report(self, kind: int, report: Report, data: bytes) -> None:
        head = bytes([_ADVERTISING_REPORT, 1, kind, report.address_type])
        rssi = bytes([report.rssi & 0xFF])
        self._event(_LE_META, head + report.address[::-1] + bytes([len(data)]) + data + rssi)

    def _complete(self, opcode: int, returned: bytes) -> None:
        self._event(_COMMAND_COMPLETE, bytes([_SLOTS]) + opcode.to_bytes(2, "little") + returned)

    def _event(self, code: int, parameters: bytes) -> None:
        self._send(bytes([_EVENT, code, len(parameters)]) + parameters)

    # 7.3.2: everything is as after power-on

    def _reset(self, _parameters: bytes) -> bytes:
        self._antenna.stop_scanning()
        self._antenna.stop_advertising()
        self._le_events = 0x1F  # 7.8.1: the default
        self._random = bytes(6)
        self._adv_data = b""
        self._adv_interval_us = 2048 * _TICK_US
        self._adv_type = 0
        self._adv_random = False
        self._advertises = False
        self._scan_us = (16 * _TICK_US, 16 * _TICK_US)
        self._active = False
        self._scans = False
        self._only_new = False
        self._known: set[tuple[int, bytes]] = set()
        return _OK

    def _set_le_events(self, mask: bytes) -> bytes:
        self._le_events = int.from_bytes(mask, "little")
        return _OK

    def _set_random_address(self, address: bytes) -> bytes:
        if self._advertises or self._scans:  # 7.8.4
            return _DISALLOWED
        self._random = address[::-1]
        return _OK

    # Advertising: 7.8.5, 7.8.7, 7.8.9

    def _set_adv_parameters(self, parameters: bytes) -> bytes:
        if self._advertises:
            return _DISALLOWED
        ticks = int.from_bytes(parameters[:2], "little")
        if parameters[4] not in _CONNECTABLE and ticks < _SLOW_TICKS:
            return _INVALID
        self._adv_interval_us = ticks * _TICK_US
        self._adv_type = parameters[4]
        self._adv_random = bool(parameters[5] & 1)
        return _OK

    def _set_adv_data(self, parameters: bytes) -> bytes:
        self._adv_data = parameters[1 : 1 + parameters[0]]
        if self._advertises:
            self._advertise()
        return _OK

    def _enable_advertising(self, parameters: bytes) -> bytes:
        self._advertises = bool(parameters[0])
        if self._advertises:
            self._advertise()
        else:
            self._antenna.stop_advertising()
        return _OK

    def _advertise(self) -> None:
        address = self._random if self._adv_random else self._public
        advert = Report(int(self._adv_random), address, self._adv_type, 0, self._adv_data)
        self._antenna.advertise(self._adv_interval_us, advert)

    # Scanning: 7.8.10, 7.8.11

    def _set_scan_parameters(self, parameters: bytes) -> bytes:
        if self._scans:
            return _DISALLOWED
        self._active = bool(parameters[0])
        interval, window = (int.from_bytes(parameters[n : n + 2], "little") for n in (1, 3))
        self._scan_us = (interval * _TICK_US, window * _TICK_US)
        return _OK

    def _enable_scan(self, parameters: bytes) -> bytes:
        """Begin or end; with the filter an address is told of once, whatever it says later."""
        self._scans = bool(parameters[0])
        self._only_new = bool(parameters[1])
        self._known.clear()
        if self._scans:
            self._antenna.scan(*self._scan_us)
        else:
            self._antenna.stop_scanning()
        return _OK
