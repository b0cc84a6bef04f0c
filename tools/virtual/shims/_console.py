"""`sys.stdin` and `sys.stdout` of a board: the console on its USB port, loaded where it is asked for."""

import io

import _air

_MP_STREAM_POLL = 3
_POLLIN = 1
_POLLOUT = 4


class _In(io.IOBase):
    """Input: reading more than has come would wait for ever, so it is refused here."""

    def __init__(self):
        self.buffer = self
        self._ring = bytearray()
        self._count = 0
        _air.on("console", self._received)
        _air.call("console_open")

    def readinto(self, buffer):
        count = len(buffer)
        if count > len(self._ring):
            raise RuntimeError("this read would block the board")
        buffer[:] = self._ring[:count]
        self._ring = self._ring[count:]
        if not self._ring:
            count_taken, self._count = self._count, 0  # the next come in during the call
            _air.call("console_taken", count_taken)
        return count

    def ioctl(self, request, flags):
        return flags & _POLLIN if request == _MP_STREAM_POLL and self._ring else 0

    def _received(self, data):
        self._ring.extend(bytes(data))
        self._count += len(data)


class _Out(io.IOBase):
    """Output: a write waits as the port's does."""

    def __init__(self):
        self.buffer = self

    def write(self, data):
        taken, wait_us = _air.call("console_write", list(bytes(data)))
        _air.advance(wait_us)
        return taken

    def ioctl(self, request, flags):
        if request != _MP_STREAM_POLL or not flags & _POLLOUT:
            return 0
        return _POLLOUT if _air.call("console_room") else 0


stdin = _In()
stdout = _Out()
