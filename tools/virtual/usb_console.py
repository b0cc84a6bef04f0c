"""The USB port of a chip that carries its console, and the host at the other end of the cable.

    C3   USB Serial/JTAG: each write goes out in packets of 64 bytes. A host hands up what it has when a
         shorter packet comes: a write that ends on a multiple of 64 stays with it until the next. With
         nobody reading, one write waits 200 ms, then all are thrown away (ports/esp32/usb_serial_jtag.c).
    S3   TinyUSB CDC: 320 bytes wait for a host that has opened the port but does not read; the write that
         finds no room waits 500 ms. Of writes to a port nobody has open the latest 320 bytes are kept
         (shared/tinyusb/mp_usbd_cdc.c).

Towards the chip the host is held back (NAK) while the console's ring of 260 bytes is full. The console is
on UART 0 as well, 115,200 baud, as the generic images have it: a write lasts as long as that takes.
"""

from collections.abc import Callable, Mapping
from functools import partial

from tools.virtual.chips import Chip
from tools.virtual.clock import Clock
from tools.virtual.peripherals import Call, Post

_PACKET = 64
_FRAME_US = 1_000  # full speed: a frame of the bus
_RING = 259  # a ring of 260 bytes holds one less
_FIFO = 320
_UART_FIFO = 128
_UART_US_PER_BYTE = 87
_C3_WAIT_US = 200_000
_S3_WAIT_US = 500_000


class UsbConsole:
    """The port. `is_open`: a program at the host has it open; `reads`: and takes what comes."""

    def __init__(self, chip: Chip, clock: Clock, sink: Callable[[bytes], None], post: Post) -> None:
        """Hand what the host's program reads to `sink`; nothing is open until the firmware looks."""
        self.used = False
        self.is_open = True
        self.reads = True
        self.stalls_us = 0  # how long the firmware was held up by a host that does not read
        self._jtag = chip.usb_jtag
        self._clock = clock
        self._sink = sink
        self._post = post
        self._to_chip = b""
        self._in_ring = 0
        self._held = b""  # came in whole packets: the host waits for a shorter one
        self._fifo = b""
        self._connected = False
        self._uart_free_us = 0.0
        self.calls: Mapping[str, Call] = {
            "console_open": self._open,
            "console_taken": self._taken,
            "console_room": self._room,
            "console_write": self._write,
        }

    def feed(self, data: bytes) -> None:
        """Let the host send."""
        if self.is_open:
            self._to_chip += data
            self._hand_over()

    def unplug(self) -> None:
        """Pull the cable, or close the port: what is under way is lost."""
        self.is_open = False
        self._to_chip = self._held = b""

    def plug(self) -> None:
        """Open the port again."""
        self.is_open = True
        self._drain()

    def hold(self) -> None:
        """Let the host's program keep the port open and not read."""
        self.reads = False

    def release(self) -> None:
        """Let it read again."""
        self.reads = True
        self._drain()

    def reset(self) -> None:
        """Forget what the chip had: it starts again."""
        self.used = self._connected = False
        self._in_ring = 0
        self._fifo = self._to_chip = b""

    def _open(self) -> None:
        self.used = True
        self._hand_over()

    def _hand_over(self) -> None:
        data = self._to_chip[: _RING - self._in_ring]
        if data and self.used:
            self._to_chip = self._to_chip[len(data) :]
            self._in_ring += len(data)
            self._post(["console", list(data)])

    def _taken(self, count: int) -> None:
        self._in_ring -= count
        self._hand_over()

    def _room(self) -> bool:
        """Answer POLLOUT: the C3's port always says yes."""
        return self._jtag or not self.is_open or len(self._fifo) < _FIFO

    def _write(self, data: list[int]) -> list[int]:
        """Take a write; return how many bytes, and for how long it waits."""
        wait_us = self._console_us(len(data))
        taken, held_us = (
            self._write_jtag(bytes(data)) if self._jtag else self._write_cdc(bytes(data))
        )
        self.stalls_us += held_us
        return [taken, wait_us + held_us]

    def _write_jtag(self, data: bytes) -> tuple[int, int]:
        if not (self.is_open and self.reads):
            if len(self._fifo) + len(data) <= _PACKET:
                self._fifo += data
                return len(data), 0
            held_us = _C3_WAIT_US if self._connected else 0
            self._connected = False
            return len(data), held_us  # the port says that it took everything
        self._connected = True
        self._deliver(data)
        return len(data), 0

    def _write_cdc(self, data: bytes) -> tuple[int, int]:
        if not self.is_open:
            self._fifo = (self._fifo + data)[-_FIFO:]  # it keeps the latest
            return len(data), 0
        if self.reads:
            self._deliver(data)
            return len(data), 0
        taken = data[: _FIFO - len(self._fifo)]
        self._fifo += taken
        return len(taken), 0 if len(taken) == len(data) else _S3_WAIT_US

    def _deliver(self, data: bytes) -> None:
        data = self._held + data
        self._held = b""
        if self._jtag and len(data) % _PACKET == 0:
            self._held = data
        elif data:
            self._clock.after(_FRAME_US, partial(self._arrive, data))

    def _arrive(self, data: bytes) -> None:
        if self.is_open:
            self._sink(data)

    def _drain(self) -> None:
        data, self._fifo = self._fifo, b""
        if self.is_open and self.reads:
            self._deliver(data)

    def _console_us(self, count: int) -> int:
        """Return how long UART 0 holds up a write of so many bytes."""
        now_us = float(self._clock.now_us)
        self._uart_free_us = max(self._uart_free_us, now_us) + count * _UART_US_PER_BYTE
        ahead_us = self._uart_free_us - now_us - _UART_FIFO * _UART_US_PER_BYTE
        return max(0, int(ahead_us))
