"""Runs on MicroPython: the unmodified panic button from a wake by its contact to the advert.

    micropython press_on_micropython.py SETTINGS SECRET SNAPSHOT LOCK_MS

Its rim is a few lines that allocate nothing: the contact is down from the wake on, nobody answers, time
passes where the program waits. The heap collects nothing. From the program's last wait before LOCK_MS the
heap is locked until the advert (-1: it is not). Printed, a line each:

    MS BYTES   of the advert: since the wake, and what was allocated since the program's last wait
    us A B     of this computer: from the start to the first wait, from the last wait to the advert
    now ...    modules of ours imported before it
"""

import gc
import sys
import time

import micropython

settings, secret, snapshot = (bytes.fromhex(text) for text in sys.argv[1:4])
memory = (len(snapshot).to_bytes(2, "big") + snapshot + bytes(264))[:264]  # of the RTC
lock_ms = int(sys.argv[4])
ticks_us = time.ticks_us
ticks_diff = time.ticks_diff

now_ms = 0
waited_bytes = 0
waited_us = 0
first_wait_us = 0
advert_bytes = 0
advert_us = 0
modules = ()
MAIN_CONTACT = 3


class Enough(BaseException):
    """Ends the program."""


class Pin:
    IN, OUT, PULL_UP, IRQ_FALLING, IRQ_RISING = 1, 3, 2, 2, 1

    def __init__(self, gpio, mode=-1, pull=-1, *, value=None, hold=None):
        self.gpio = gpio

    def init(self, mode=-1, pull=-1, *, value=None, hold=None):
        pass

    def irq(self, handler=None, trigger=3):
        pass

    def value(self, level=None):
        return 0 if self.gpio == MAIN_CONTACT else 1


class ADC:
    ATTN_11DB = 3

    def __init__(self, pin, *, atten=0):
        pass

    def read_uv(self):
        return 1_500_000


class RTC:
    def memory(self, data=None):
        global memory
        if data is not None:
            memory = data
        return memory


class WDT:
    def __init__(self, timeout=0):
        pass

    def feed(self):
        pass


class Machine:
    PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET = 1, 2, 3, 4
    TIMER_WAKE = 4
    Pin, ADC, RTC, WDT = Pin, ADC, RTC, WDT

    @staticmethod
    def reset_cause():
        return 4

    @staticmethod
    def wake_reason():
        return 7

    @staticmethod
    def reset():
        raise Enough


class NVS:
    def __init__(self, namespace):
        pass

    def get_blob(self, key, buffer):
        blob = {"settings": settings, "settings2": settings, "secret": secret}.get(key)
        if blob is None:
            raise OSError(-0x1102)
        buffer[: len(blob)] = blob
        return len(blob)

    def set_blob(self, key, value):
        pass

    def commit(self):
        pass


class Esp32:
    NVS = NVS


class BLE:
    address = 0

    def active(self, on=None):
        return True

    def irq(self, handler):
        pass

    def config(self, name=None, addr_mode=0):
        self.address = (self.address + 1) & 0xFF
        return (0, bytes((self.address,)))

    def gap_scan(self, duration_ms, interval_us=0, window_us=0, active=False):
        pass

    def gap_advertise(self, interval_us, adv_data=None, connectable=True):
        global advert_bytes, advert_us, modules
        if interval_us is None:
            return
        advert_bytes = gc.mem_alloc() - waited_bytes
        advert_us = ticks_us()
        if lock_ms >= 0:
            micropython.heap_unlock()
        modules = tuple(sys.modules)
        raise Enough


class Bluetooth:
    BLE = BLE


class Poll:
    def register(self, stream, mask):
        pass

    def ipoll(self, timeout_ms):
        global first_wait_us, now_ms, waited_bytes, waited_us
        if not first_wait_us:
            first_wait_us = ticks_us()
        now_ms += timeout_ms
        waited_bytes = gc.mem_alloc()
        waited_us = ticks_us()
        if now_ms == lock_ms:
            micropython.heap_lock()
        return ()


class Select:
    POLLIN, poll = 1, Poll


class Time:
    @staticmethod
    def ticks_ms():
        return now_ms

    @staticmethod
    def time():
        return 1_000

    @staticmethod
    def sleep_ms(ms):
        global now_ms
        now_ms += ms


for name, module in (
    ("machine", Machine),
    ("esp32", Esp32),
    ("bluetooth", Bluetooth),
    ("select", Select),
    ("time", Time),
):
    sys.modules[name] = module

sys.path.pop(0)  # the folder of this file
gc.disable()
begun_us = ticks_us()
from firmware import start

try:
    start.run()
except Enough:
    pass
if not modules:
    sys.exit("no advert")

print(now_ms, advert_bytes)
print("us", ticks_diff(first_wait_us, begun_us), ticks_diff(advert_us, waited_us))
print("now", *[name for name in modules if name.startswith(("firmware", "protocol", "tocsin"))])
