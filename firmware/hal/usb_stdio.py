"""The serial line to the gateway on the chip's own USB: the stream of the REPL, which is not used then.

ESP32-C3: USB Serial/JTAG. A host does not hand up a packet of 64 bytes, the longest, before the next one
comes, so no write may end on a multiple of 64 (micropython issue 19651, up to 1.29). ESP32-S3: the
built-in TinyUSB CDC. With nobody at the other end the port drops what it is given, after 200 ms on the
C3, 500 ms on the S3. What other parts of MicroPython print comes between the messages: the CRC tells.
"""

import select
import sys

_PACKET = 64
_AT_ONCE = 260  # what the port's ring holds


class UsbStdio:
    """Standard input and output as a line of bytes that does not wait."""

    def __init__(self) -> None:
        """Take the two streams."""
        self.stream = sys.stdin
        self._in = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self._byte = bytearray(1)
        self._read = bytearray(_AT_ONCE)
        self._readable = select.poll()
        self._readable.register(sys.stdin, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sys.stdout, select.POLLOUT)

    def read(self) -> bytes:
        """Return what has come in, perhaps nothing. Reading more than is there would wait."""
        count = 0
        while count < _AT_ONCE and self._ready(self._readable):
            self._in.readinto(self._byte)
            self._read[count] = self._byte[0]
            count += 1
        return bytes(self._read[:count])

    def write(self, data: bytes) -> bool:
        """Send `data`; say whether all of it was taken. A zero more ends no message."""
        if not self._ready(self._writable):
            return False
        if len(data) % _PACKET == 0:
            data += b"\x00"
        return self._out.write(data) == len(data)

    @staticmethod
    def _ready(poll: select.poll) -> bool:
        for _ in poll.ipoll(0):
            return True
        return False
