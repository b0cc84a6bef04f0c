"""Runs on MicroPython, on the virtual bench, in the place of main.py: the firmware in a measured heap.

    base N       bytes in use before the firmware's first line: the interpreter, and the shims
    heap S N     bytes in use after a collection, at second S; with it the interpreter's line about names

The heap is told once in a while, and before each deep sleep. What the shims take later counts as the
program's. Without `every_s` nothing is collected nor said while the program runs.
"""

import gc

import _air

# The shims that the firmware imports: they belong to the bench.
import bluetooth  # noqa: F401
import esp32  # noqa: F401
import flashbdev  # noqa: F401
import machine  # noqa: F401
import micropython
import select  # noqa: F401
import time  # noqa: F401


def run(every_s):
    """Start the firmware."""
    gc.collect()
    print("base", gc.mem_alloc())
    if every_s:
        micropython.qstr_info()
        report(every_s)
    import flashed  # noqa: F401  main.py as it is


def report(every_s):
    """Tell the heap once in `every_s` from now on."""
    ask = _air.call
    due_us = _air.now_us + every_s * 1_000_000

    def asked(*call):
        nonlocal due_us
        if call[0] == "deepsleep" or _air.now_us >= due_us:
            due_us = _air.now_us + every_s * 1_000_000
            gc.collect()
            print("heap", _air.now_us // 1_000_000, gc.mem_alloc())
            micropython.qstr_info()
        return ask(*call)

    _air.call = asked
