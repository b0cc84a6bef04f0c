"""BLE advertising and scanning without connections.

The scan handler runs in the radio's context, heap locked: it copies what `find_frame` finds into slots
made beforehand, sets a flag, and can neither allocate nor raise, since a handler that raises is
dropped for good by the port. Whatever else there is to do is done by `take`, outside.
"""

import bluetooth
from micropython import const

from firmware.hal.wait import WakeFlag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

_IRQ_SCAN_RESULT = const(5)
_IRQ_SCAN_DONE = const(6)
_ADDR_MODE_NRPA = const(3)
_SLOT_LEN = const(24)
_COUNT_MASK = const(0x1FFF_FFFF)  # one more than 2^30 - 1 would have to be allocated


class Ble:
    """The radio. Frames heard wait in a ring.

    Of all adverts `heard`, `foreign` had no frame of ours and `dropped` found no room: counts that
    begin anew after 2^29.
    """

    def __init__(
        self, find_frame: "Callable[[memoryview], int]", flag: WakeFlag, slots: int
    ) -> None:
        """`find_frame` returns start << 8 | length of a frame in an advertising payload, or -1."""
        self._find_frame = find_frame
        self._flag = flag
        self._count = slots
        self._slots = bytearray(slots * _SLOT_LEN)  # one by one they would take twice the room
        self._lengths = bytearray(slots)
        self._rssi = bytearray(slots)
        self._write = 0
        self._read = 0
        self.rssi = 0  # dBm of the frame taken last
        self.heard = 0
        self.foreign = 0
        self.dropped = 0
        self._scan_interval_us = 0
        self._scan_window_us = 0
        self._scan_over = False
        self._ble = bluetooth.BLE()
        self._start()

    def _start(self) -> None:
        self._ble.active(True)
        self._ble.irq(self._irq)  # type: ignore[arg-type]  # the stub knows no tuple of several types

    def advertise(self, payload: bytearray, interval_us: int) -> None:
        """Advertise `payload`, not connectable, until `stop_advertising`."""
        self._ble.gap_advertise(interval_us, payload, connectable=False)

    def stop_advertising(self) -> None:
        """Leave the air."""
        self._ble.gap_advertise(None)  # type: ignore[arg-type]  # None stops, the stub forgot

    def scan(self, interval_us: int, window_us: int) -> None:
        """Scan passively until `stop_scanning`."""
        self._scan_interval_us = interval_us
        self._scan_window_us = window_us
        self._scan_over = False
        self._ble.gap_scan(0, interval_us, window_us, False)

    def stop_scanning(self) -> None:
        """Stop hearing."""
        if self._scan_interval_us:
            self._scan_interval_us = 0
            self._ble.gap_scan(None)  # type: ignore[arg-type]  # the same

    def rescan(self) -> None:
        """Begin the scan anew, the handler too: either may be lost without a word."""
        interval_us = self._scan_interval_us
        self.stop_scanning()
        self._ble.irq(self._irq)  # type: ignore[arg-type]  # as above
        if interval_us:
            self.scan(interval_us, self._scan_window_us)

    def restart(self) -> None:
        """Switch the whole radio off and on, and scan as before. Nothing is on air afterwards."""
        interval_us = self._scan_interval_us
        self._scan_interval_us = 0
        self._ble.active(False)
        self._start()
        if interval_us:
            self.scan(interval_us, self._scan_window_us)

    def new_address(self) -> bool:
        """Take another non-resolvable address; say whether it changed. Nothing may be on air."""
        before = bytes(self._ble.config("mac")[1])
        self._ble.config(addr_mode=_ADDR_MODE_NRPA)
        return before != bytes(self._ble.config("mac")[1])

    def take(self, frame: bytearray) -> int:
        """Copy the oldest frame heard into `frame` (24 bytes); return its length, 0 where none waits.

        A scan that has ended by itself is begun again.
        """
        if self._scan_over:
            self.rescan()
        if self._read == self._write:
            return 0
        start = self._read * _SLOT_LEN
        length = self._lengths[self._read]
        for i in range(length):
            frame[i] = self._slots[start + i]
        rssi = self._rssi[self._read]
        self.rssi = rssi - 256 if rssi > 127 else rssi
        self._read = (self._read + 1) % self._count
        return length

    def _irq(self, event: int, data: "tuple[int, memoryview, int, int, memoryview]") -> None:
        try:
            if event == _IRQ_SCAN_RESULT:
                self.heard = self.heard + 1 & _COUNT_MASK
                self._store(data[4], data[3])
            elif event == _IRQ_SCAN_DONE and self._scan_interval_us:
                self._scan_over = True
                self._flag.set()
        except Exception:  # noqa: BLE001
            self.dropped = self.dropped + 1 & _COUNT_MASK

    def _store(self, payload: memoryview, rssi: int) -> None:
        span = self._find_frame(payload)
        if span < 0:
            self.foreign = self.foreign + 1 & _COUNT_MASK
            return
        after = (self._write + 1) % self._count
        if after == self._read:
            self.dropped = self.dropped + 1 & _COUNT_MASK
            return
        slots = self._slots
        slot = self._write * _SLOT_LEN
        start = span >> 8
        length = span & 0xFF
        for i in range(length):
            slots[slot + i] = payload[start + i]
        self._lengths[self._write] = length
        self._rssi[self._write] = rssi & 0xFF
        self._write = after
        self._flag.set()
