"""`time` of the ESP32 port, by the air's clock."""

import sys

import _air

_TICKS_PERIOD = 1 << 30
_TICKS_HALF = 1 << 29


class _Tasks:
    """Stands where asyncio looks for its task queue, loaded only if it does."""

    def __getattr__(self, name):
        import _tasks

        return getattr(_tasks, name)


sys.modules["_asyncio"] = _Tasks()


def ticks_us():
    """Return us since boot, wrapping."""
    return (_air.now_us - _air.boot_us) & (_TICKS_PERIOD - 1)


def ticks_ms():
    """Return ms since boot, wrapping."""
    return ((_air.now_us - _air.boot_us) // 1000) & (_TICKS_PERIOD - 1)


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    """Return `ticks` moved by `delta`."""
    if not -_TICKS_HALF < delta < _TICKS_HALF:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) & (_TICKS_PERIOD - 1)


def ticks_diff(a, b):
    """Return a - b."""
    return ((a - b + _TICKS_HALF) & (_TICKS_PERIOD - 1)) - _TICKS_HALF


def sleep_us(us):
    """Block; interrupts are served."""
    _air.advance(max(0, int(us)))


def sleep_ms(ms):
    """Block; interrupts are served."""
    _air.advance(max(0, int(ms)) * 1000)


def sleep(seconds):
    """Block; interrupts are served."""
    _air.advance(max(0, int(seconds * 1_000_000)))


def time():
    """Return the seconds of the real-time counter (epoch 2000), which survives deep sleep."""
    return (_air.now_us - _air.hello["rtc_zero_us"]) // 1_000_000


def time_ns():
    """Return the same in ns."""
    return (_air.now_us - _air.hello["rtc_zero_us"]) * 1000
