"""`flashbdev` of the ESP32 port, with no littlefs: a virtual chip's files are the host's.

What larger reads of littlefs take of a board's heap is taken here, once main.py asks for them.
"""

_ENODEV = 19
_BUFFERS = (
    752  # bytes: VfsLfs2 with `readsize` 128, less the same with 32; MicroPython 1.25, 32 bits
)


class _NoFlash:
    """A partition without anything in it."""

    def ioctl(self, _op, _arg):
        """Say that there is nothing."""
        self.buffers = bytearray(_BUFFERS)
        raise OSError(_ENODEV)

    def readblocks(self, _block, _buffer, _offset=0):
        """Say that there is nothing."""
        raise OSError(_ENODEV)

    writeblocks = readblocks


bdev = _NoFlash()
