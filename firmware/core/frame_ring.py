"""Frames heard that nobody has taken yet, in slots made beforehand: adding and taking allocate nothing."""

from protocol.constants import FRAME_MAX


class FrameRing:
    """A ring of frames with their levels. Its free slot may always be written to."""

    __slots__ = ("rssi", "snr", "_count", "_slots", "_lengths", "_levels", "_write", "_read")

    def __init__(self, most: int) -> None:
        """Hold `most` frames."""
        self.rssi = 0  # dBm of the frame taken last
        self.snr = 0  # dB
        self._count = most + 1
        self._slots = [bytearray(FRAME_MAX) for _ in range(self._count)]
        self._lengths = bytearray(self._count)
        self._levels = [0] * (2 * self._count)
        self._write = self._read = 0

    def free_slot(self) -> bytearray:
        """Return where to write the next frame."""
        return self._slots[self._write]

    def add(self, length: int, rssi: int, snr: int) -> bool:
        """Keep what is in the free slot; say whether there was room."""
        after = (self._write + 1) % self._count
        if after == self._read:
            return False
        self._lengths[self._write] = length
        self._levels[2 * self._write] = rssi
        self._levels[2 * self._write + 1] = snr
        self._write = after
        return True

    def take(self, frame: bytearray) -> int:
        """Copy the oldest into `frame`; return its length, 0 where none waits."""
        at = self._read
        if at == self._write:
            return 0
        length = self._lengths[at]
        slot = self._slots[at]
        for i in range(length):
            frame[i] = slot[i]
        self.rssi = self._levels[2 * at]
        self.snr = self._levels[2 * at + 1]
        self._read = (at + 1) % self._count
        return length
