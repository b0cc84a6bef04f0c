"""A Bluetooth adapter in a guest whose antenna is on the virtual air; it can be pulled out, and put back.

The world's thread hears and answers. Two threads of its own read what the guest asks, and write what
it is told: a guest that does not listen holds up nobody, what it misses is counted.
"""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

from tools.virtual.ble_air import BleRadio, Report
from tools.virtual.guest.hci import COMMAND, Controller
from tools.virtual.realtime import RealTime

_WAITING_MAX = 256  # events; a controller has room for less
_READ_BYTES = 4096
# Of each kind of packet: bytes of its head, where in it the length stands, and how long that is.
_HEADS = {COMMAND: (4, 3, 1), 0x02: (5, 3, 2), 0x03: (4, 3, 1)}


class Adapter:
    """One adapter. `controller` has the faults of its chip: set them by `RealTime.do`."""

    def __init__(self, world: RealTime, path: Path, name: str, address: bytes) -> None:
        """Begin unplugged; `path` is the guest's socket, `name` that of the radio on the air."""
        self.dropped = 0  # events that the guest was too slow for
        self._world = world
        self._path = path
        self._line: socket.socket | None = None
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.radio: BleRadio = world.do(lambda: world.world.ble.radio(name, self._heard))
        self.controller = Controller(address, self.radio, self._tell)

    @property
    def plugged(self) -> bool:
        """Say whether the guest has it."""
        return self._line is not None

    def plug(self) -> None:
        """Put it in: it comes up as after power-on."""
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(str(self._path))
        self._waiting = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._read, args=(self._line,), daemon=True),
            threading.Thread(target=self._write, args=(self._line, self._waiting), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def unplug(self) -> None:
        """Pull it out: for the guest it is gone at once."""
        if self._line is None:
            return
        line, self._line = self._line, None
        self._waiting.put(None)
        _hang_up(line)
        for thread in self._threads:
            thread.join()
        line.close()
        self._world.do(self.controller.power_off)

    def set_fault(self, *, hung: bool = False, deaf: bool = False, mends: bool = False) -> None:
        """Let its chip hang, or hear nothing; without a word it is well again.

        One that `mends` is well after a reset, or a new scan; else it stays so.
        """

        def change() -> None:
            chip = self.controller
            chip.hung, chip.deaf, chip.mends = hung, deaf, mends

        self._world.do(change)

    def _heard(self, report: Report) -> None:
        if self._waiting.qsize() < _WAITING_MAX:
            self.controller.hear(report)
        else:
            self.dropped += 1

    def _tell(self, event: bytes) -> None:
        if self._line is not None:
            self._waiting.put(event)

    def _write(self, line: socket.socket, waiting: "SimpleQueue[bytes | None]") -> None:
        try:
            while (event := waiting.get()) is not None:
                line.sendall(event)
        except OSError:  # unplugged, or the guest's power was cut
            return

    def _read(self, line: socket.socket) -> None:
        buffer = b""
        try:
            while data := line.recv(_READ_BYTES):
                buffer += data
                for packet in whole_packets(buffer):
                    buffer = buffer[len(packet) :]
                    self._world.do(lambda packet=packet: self.controller.take(packet))  # type: ignore[misc]
        except OSError:
            return


def whole_packets(data: bytes) -> Iterator[bytes]:
    """Yield each packet that is whole at the beginning of `data`; raise `KeyError` where it is none."""
    while data:
        head, at, size = _HEADS[data[0]]
        end = head + int.from_bytes(data[at : at + size], "little")
        if len(data) < head or len(data) < end:
            return
        yield data[:end]
        data = data[end:]


def _hang_up(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other end was quicker
        return
