"""`select.poll` of the ESP32 port: it wakes in grains of 10 ms (one FreeRTOS tick)."""

import sys

import _air

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16

_MP_STREAM_POLL = 3
_GRAIN_US = 10_000


class _Sys:
    """`sys` for whoever imports it from here on: its console, loaded where asked for, is the board's."""

    def __getattr__(self, name):
        if name in ("stdin", "stdout"):
            import _console

            return getattr(_console, name)
        return getattr(sys, name)


sys.modules["sys"] = _Sys()


class poll:
    """Objects and what to wait for in each."""

    def __init__(self):
        """Begin with none."""
        self._objects = {}

    def register(self, obj, eventmask=POLLIN | POLLOUT):
        """Wait for `eventmask` of `obj`, a stream."""
        if not hasattr(obj, "ioctl"):
            raise OSError(22)
        self._objects[id(obj)] = [obj, eventmask]

    def unregister(self, obj):
        """Forget `obj`."""
        del self._objects[id(obj)]

    def modify(self, obj, eventmask):
        """Wait for other things of `obj`."""
        if id(obj) not in self._objects:
            raise OSError(2)
        self._objects[id(obj)][1] = eventmask

    def poll(self, timeout=-1, flags=0):
        """Return [(object, events), ...] that are ready within `timeout` ms."""
        return list(self.ipoll(timeout, flags))

    def ipoll(self, timeout=-1, flags=0):
        """Do the same as an iterator."""
        until_us = None if timeout < 0 else _air.now_us + timeout * 1000
        while True:
            ready = self._ready()
            if ready or (until_us is not None and _air.now_us >= until_us):
                return iter(ready)
            start_us = _air.now_us
            _air.wait(until_us, True)
            self._finish_grain(start_us)

    def _ready(self):
        found = []
        for obj, mask in list(self._objects.values()):
            events = obj.ioctl(_MP_STREAM_POLL, mask)
            if events:
                found.append((obj, events))
        return found

    def _finish_grain(self, start_us):
        over = (_air.now_us - start_us) % _GRAIN_US
        if over:
            _air.advance(_GRAIN_US - over)
