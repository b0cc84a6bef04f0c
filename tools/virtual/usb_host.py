"""The host at the USB device of an ESP32-S3: it enumerates, checks the descriptors, opens the second port.

What it checks is USB 2.0, 9.6, the interface association descriptor, and USB CDC 1.2, 5.2.3. `faults` says
what it did not like; then it does not configure the device. The chip has five IN endpoints.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tools.virtual.clock import Clock
from tools.virtual.peripherals import Call, Post

_ENUMERATION_US = 100_000
_FRAME_US = 1_000
_PACKET = 64
_IN = 0x80
_IN_ENDPOINTS = 5
_CONFIGURATION, _INTERFACE, _ENDPOINT, _ASSOCIATION, _CLASS = 2, 4, 5, 11, 0x24
_COMMUNICATION, _CDC_DATA = 2, 10
_UNION = 6
_BULK = 2


class Descriptors:
    """A configuration descriptor, read; `faults` is what is wrong with it."""

    def __init__(self, data: bytes) -> None:
        """Read it."""
        self.faults: list[str] = []
        self.functions: list[tuple[int, int, int]] = []  # first interface, where it begins and ends
        self.ports: dict[int, tuple[int, int]] = {}  # of a CDC function: its OUT and IN endpoint
        self._endpoints: list[int] = []
        self._interfaces: list[int] = []
        self._read(data)

    def _read(self, data: bytes) -> None:
        self._expect(len(data) > 9 and data[1] == _CONFIGURATION, "no configuration descriptor")
        self._expect(int.from_bytes(data[2:4], "little") == len(data), "wTotalLength")
        association: bytes = b""
        unions: dict[int, int] = {}
        interface = -1
        for start, one in self._each(data):
            if one[1] == _ASSOCIATION:
                association = one
                self.functions.append((one[2], start + len(one), len(data)))
                if len(self.functions) > 1:
                    first, begin, _ = self.functions[-2]
                    self.functions[-2] = (first, begin, start)
            elif one[1] == _INTERFACE:
                interface = one[2]
                self._expect(interface == len(self._interfaces), "interfaces out of order")
                self._interfaces.append(interface)
                covered = (
                    association and association[2] <= interface < association[2] + association[3]
                )
                self._expect(bool(covered), f"interface {interface} without association")
                self._expect(one[5] in (_COMMUNICATION, _CDC_DATA), "class of an interface")
            elif one[1] == _CLASS and one[2] == _UNION:
                unions[one[4]] = one[3]
            elif one[1] == _ENDPOINT:
                self._take_endpoint(one, unions.get(interface))
        self._expect(data[4] == len(self._interfaces), "bNumInterfaces")
        ins = sum(endpoint & _IN > 0 for endpoint in self._endpoints)
        self._expect(ins + 1 <= _IN_ENDPOINTS, "more IN endpoints than the chip has")

    def _each(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        at = data[0] if data else 0
        while at < len(data):
            if data[at] < 2 or at + data[at] > len(data):
                self.faults.append("a descriptor past the end")
                return
            yield at, data[at : at + data[at]]
            at += data[at]

    def _take_endpoint(self, one: bytes, communication: int | None) -> None:
        address = one[2]
        self._expect(address not in self._endpoints, f"endpoint {address:02x} twice")
        self._endpoints.append(address)
        if one[3] & 3 == _BULK and communication is not None:
            self._expect(int.from_bytes(one[4:6], "little") == _PACKET, "wMaxPacketSize")
            out, back = self.ports.get(communication, (0, 0))
            self.ports[communication] = (out, address) if address & _IN else (address, back)

    def _expect(self, right: object, fault: str) -> None:
        if not right:
            self.faults.append(fault)


class UsbHost:
    """The host's side of the second port, as a program that has it open sees it."""

    def __init__(self, clock: Clock, sink: Callable[[bytes], None], post: Post) -> None:
        """Hand what the program reads to `sink`."""
        self.used = False
        self.faults: list[str] = []
        self.strings: dict[int, str] = {}
        self.coding = b""
        self._clock = clock
        self._sink = sink
        self._post = post
        self._plugged = True
        self._reads = True
        self._active = False
        self._interface = self._out = self._in = -1
        self.configuration = b""
        self._open_for: int | None = None  # bytes the chip takes in its next OUT transfer
        self._sent: list[int] | None = None  # an IN transfer that waits for a reader
        self._to_chip = b""
        self._held = b""
        self.calls: Mapping[str, Call] = {
            "usb_config": self._config,
            "usb_active": self._set_active,
            "usb_submit": self._submit,
            "usb_answered": self._answered,
        }

    def feed(self, data: bytes) -> None:
        """Let the program write."""
        self._to_chip += data
        self._send_out()

    def unplug(self) -> None:
        """Pull the cable: a board with power of its own is told nothing, its transfers do not end."""
        self._plugged = False
        self._drop()

    def plug(self) -> None:
        """Plug it in again; the program opens the port again."""
        self._plugged = True
        self._clock.after(_ENUMERATION_US, self._enumerate)

    def hold(self) -> None:
        """Let the program keep the port open and not read."""
        self._reads = False

    def release(self) -> None:
        """Let it read again."""
        self._reads = True
        self._finish_in()

    def close_port(self) -> None:
        """Let the program close the port: DTR and RTS fall."""
        self._ask([0x21, 0x22, 0, 0, self._interface, 0, 0, 0])

    def open_port(self) -> None:
        """Let a program open it: 115,200 8N1, DTR and RTS."""
        coding = [0x00, 0xC2, 0x01, 0x00, 0, 0, 8]
        self._ask([0x21, 0x20, 0, 0, self._interface, 0, 7, 0], coding)
        self._ask([0xA1, 0x21, 0, 0, self._interface, 0, 7, 0])
        self._ask([0x21, 0x22, 3, 0, self._interface, 0, 0, 0])

    def reset(self) -> None:
        """The chip starts again: its device is gone."""
        self.used = self._active = False
        self._drop()

    def _drop(self) -> None:
        self._open_for = self._sent = None
        self._to_chip = self._held = b""

    def _config(self, device: list[int], cfg: list[int], strings: list[list[object]]) -> None:
        if len(device) != 18 or device[4:7] != [0xEF, 2, 1]:  # IAD engineering change notice
            self.faults.append("device descriptor")
        self.configuration = bytes(cfg)
        self.strings = {int(str(key)): str(value) for key, value in strings}

    def _set_active(self, active: int) -> None:
        self._active = bool(active)
        if active:
            self.used = True
            self._clock.after(_ENUMERATION_US, self._enumerate)

    def _enumerate(self) -> None:
        if not (self._active and self._plugged):
            return
        found = Descriptors(self.configuration)
        self.faults.extend(found.faults)
        if self.faults:
            return
        self._interface, start, end = found.functions[-1]
        self._out, self._in = found.ports[self._interface]
        self._drop()
        self._post(["usb_reset"])
        self._post(["usb_open", start, end])
        self.open_port()

    def _ask(self, request: list[int], data: list[int] | None = None) -> None:
        self._post(["usb_control", request, data or []])

    def _answered(self, accepted: int, data: list[int]) -> None:
        if not accepted:
            self.faults.append("a control request was stalled")
        elif data:
            self.coding = bytes(data)

    def _submit(self, endpoint: int, what: list[int] | int) -> bool:
        if not (self._active and self._plugged):
            return False
        if isinstance(what, int):
            if endpoint != self._out:
                return False
            self._open_for = what
            self._send_out()
        else:
            if endpoint != self._in:
                return False
            self._sent = what
            self._clock.after(_FRAME_US, self._finish_in)
        return True

    def _send_out(self) -> None:
        if self._open_for is None or not self._to_chip:
            return
        data = self._to_chip[: min(self._open_for, _PACKET)]
        self._to_chip = self._to_chip[len(data) :]
        self._open_for = None
        event = ["usb_transfer", self._out, 0, list(data), len(data)]
        self._clock.after(_FRAME_US, partial(self._post, event))

    def _finish_in(self) -> None:
        if self._sent is None or not self._reads:
            return
        data, self._sent = self._held + bytes(self._sent), None
        self._held = data if len(data) % _PACKET == 0 else b""
        if not self._held:
            self._sink(data)
        self._post(["usb_transfer", self._in, 0, [], len(data)])
