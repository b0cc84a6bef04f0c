"""A second serial port on the USB of an ESP32-S3, beside the console's: a CDC ACM function of our own.

`machine.USBDevice` (MicroPython >= 1.25 on the S3) appends it to the port's own descriptors. Interfaces,
endpoints and strings are numbered on from the built-in ones. The chip has five IN endpoints: the control
endpoint, two of the console, two of ours (ESP32-S3 TRM, USB OTG). Clauses: USB CDC 1.2; PSTN 1.2; USB 2.0.

    host opens the port -> SET_CONTROL_LINE_STATE with DTR -> what is written goes to it
    host sends          -> OUT transfer -> `_received`; the next is asked for when the bytes fit

An IN transfer has at most 63 bytes: one of 64 would have to be followed by an empty one (USB 2.0, 5.8.3).
Callbacks come between two steps of the program, from the scheduler: each index has one writer, and a flag
is set before the transfer it speaks of is begun.
"""

import io

import machine
from micropython import const

from firmware.hal.wait import WakeFlag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MP_STREAM_POLL = const(3)
_POLLIN = const(1)
_PACKET = const(64)
_MOST_IN = const(63)
_TO_HOST = const(1_024)  # bytes that may wait, each way
_FROM_HOST = const(1_024)
_NAME = "Tocsin radio head"

_CLASS_IN = const(0xA1)  # bmRequestType of a class request to an interface
_CLASS_OUT = const(0x21)
_SET_LINE_CODING = const(0x20)  # PSTN 6.3.10
_GET_LINE_CODING = const(0x21)
_SET_CONTROL_LINE_STATE = const(0x22)
_SEND_BREAK = const(0x23)
_SETUP = const(1)
_DTR = const(1)
_SUCCESS = const(0)  # the port hands on TinyUSB's number; its documentation says True


class UsbCdc(io.IOBase):
    """A port that does not wait. While no program has it open, what is written goes nowhere."""

    def __init__(self, flag: WakeFlag) -> None:
        """Come back to the host as a device with two ports; `flag` is set when there is news."""
        self._flag = flag
        self._is_open = False
        self._ring = bytearray(_TO_HOST)
        self._write = 0  # moved by `write` alone
        self._read = 0  # moved by `_send`, and where what waits is dropped
        self._heard = bytearray()
        self._in = bytearray(_MOST_IN)
        self._out = bytearray(_PACKET)
        self._sending = False
        self._receiving = False
        self._coding = bytearray(
            b"\x00\x10\x0e\x00\x00\x00\x08"
        )  # 921,600 8N1: nothing follows from it
        self._usb = self._start()

    @property
    def stream(self) -> "UsbCdc":
        """Return what `select.poll` can watch for input."""
        return self

    def read(self) -> bytes:
        """Return what has come in, perhaps nothing."""
        heard = self._heard
        self._heard = bytearray()
        self._receive()
        return bytes(heard)

    def write(self, data: bytes) -> bool:
        """Send `data`; say whether it was taken, all or nothing."""
        if not self._is_open:
            return True
        room = (self._read - self._write - 1) % _TO_HOST
        if len(data) > room:
            return False
        for i in range(len(data)):
            self._ring[(self._write + i) % _TO_HOST] = data[i]
        self._write = (self._write + len(data)) % _TO_HOST
        self._send()
        return True

    def ioctl(self, request: int, flags: int) -> int:
        """Answer MicroPython's poll."""
        return flags & _POLLIN if request == _MP_STREAM_POLL and self._heard else 0

    def _start(self) -> "Any":  # noqa: ANN401  the stubs know no USBDevice
        usb = machine.USBDevice()  # type: ignore[attr-defined]
        usb.active(False)
        usb.builtin_driver = usb.BUILTIN_DEFAULT
        builtin = usb.builtin_driver
        self._interface = builtin.itf_max
        self._bulk = builtin.ep_max + 1
        usb.config(
            builtin.desc_dev,
            configuration(builtin.desc_cfg, self._interface, builtin.ep_max, builtin.str_max),
            {builtin.str_max: _NAME},
            self._opened,
            self._reset,
            self._control,
            self._transferred,
        )
        usb.active(True)
        return usb

    def _opened(self, _descriptors: memoryview) -> None:
        """Take note that the host has chosen our configuration."""
        self._sending = self._receiving = False
        self._receive()

    def _reset(self) -> None:
        """Forget what was under way: the bus was reset, or the cable pulled."""
        self._is_open = False
        self._sending = self._receiving = False
        self._read = self._write

    def _control(self, stage: int, request: memoryview) -> "bytearray | bool":
        if request[4] != self._interface:
            return False
        kind = request[0] << 8 | request[1]
        if kind in (_CLASS_OUT << 8 | _SET_LINE_CODING, _CLASS_IN << 8 | _GET_LINE_CODING):
            return self._coding if stage == _SETUP else True
        if kind == _CLASS_OUT << 8 | _SET_CONTROL_LINE_STATE:
            if stage == _SETUP:
                self._set_open(request[2] & _DTR != 0)
            return True
        return kind == _CLASS_OUT << 8 | _SEND_BREAK

    def _set_open(self, is_open: bool) -> None:
        self._is_open = is_open
        self._read = self._write  # it was meant for the program before
        self._flag.set()

    def _transferred(self, endpoint: int, result: int, count: int) -> bool:
        if endpoint & 0x80:
            self._sending = False
            self._send()
        else:
            self._receiving = False
            if result == _SUCCESS:
                self._heard.extend(memoryview(self._out)[:count])
                self._flag.set()
            self._receive()
        return True

    def _send(self) -> None:
        first = self._read
        count = min((self._write - first) % _TO_HOST, _MOST_IN)
        if self._sending or not count:
            return
        for i in range(count):
            self._in[i] = self._ring[(first + i) % _TO_HOST]
        self._sending = True
        self._read = (first + count) % _TO_HOST
        # The port forgets the buffer of a transfer begun in its callback: `self._in` keeps it alive.
        if not self._submit(self._bulk | 0x80, memoryview(self._in)[:count]):
            self._read = first
            self._sending = False

    def _receive(self) -> None:
        if self._receiving or len(self._heard) + _PACKET > _FROM_HOST:
            return
        self._receiving = True
        if not self._submit(self._bulk, self._out):
            self._receiving = False

    def _submit(self, endpoint: int, buffer: "bytearray | memoryview") -> bool:
        try:
            return bool(self._usb.submit_xfer(endpoint, buffer))
        except OSError:  # not enumerated, or no longer: `_opened` begins anew
            return False


def configuration(builtin: bytes, interface: int, endpoint: int, string: int) -> bytearray:
    """Return `builtin`, a configuration descriptor, with our function appended and counted in."""
    data = interface + 1
    notify, bulk_out = endpoint | 0x80, endpoint + 1
    found = bytearray(builtin)
    found += bytes((8, 11, interface, 2, 2, 2, 0, 0))  # interface association: CDC, ACM
    found += bytes((9, 4, interface, 0, 1, 2, 2, 0, string))  # communication, one endpoint
    found += bytes((5, 0x24, 0, 0x20, 1))  # header: CDC 1.20
    found += bytes((5, 0x24, 1, 0, data))  # call management: none
    found += bytes((4, 0x24, 2, 2))  # ACM: line coding and control line state
    found += bytes((5, 0x24, 6, interface, data))  # union
    found += bytes((7, 5, notify, 3, 8, 0, 16))  # interrupt, never used, 16 ms
    found += bytes((9, 4, data, 0, 2, 10, 0, 0, 0))  # data, two endpoints
    found += bytes((7, 5, bulk_out, 2, _PACKET, 0, 0))
    found += bytes((7, 5, bulk_out | 0x80, 2, _PACKET, 0, 0))
    found[2] = len(found) & 0xFF  # wTotalLength
    found[3] = len(found) >> 8
    found[4] += 2  # bNumInterfaces
    return found
