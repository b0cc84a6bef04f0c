"""Runs on MicroPython, on the virtual bench, in the place of main.py: the firmware in a measured heap.

    base N       bytes in use before the firmware's first line: the interpreter, and the shims
    heap S N     bytes in use after a collection, at second S; with it the interpreter's line about names

The heap is told once in a while, and before each deep sleep. What the shims take later counts as the
program's. Without `every_s` nothing is collected nor said while the program runs. A ROMFS is used where it
lies, outside the heap, as flash is.
"""

import gc
import sys

import _air

# The shims that the firmware imports: they belong to the bench.
import bluetooth  # noqa: F401
import esp32  # noqa: F401
import machine  # noqa: F401
import micropython
import select  # noqa: F401
import time  # noqa: F401


def run(image, every_s):
    """Start the firmware: from the path, or where there is one from the ROMFS in the file `image`."""
    if image:
        mount(image)
    gc.collect()
    print("base", gc.mem_alloc())
    if every_s:
        micropython.qstr_info()
        report(every_s)
    import flashed  # noqa: F401  main.py as it is


def mount(image):
    """Import from a file in the memory of the host."""
    import ffi
    import uctypes
    import vfs

    with open(image, "rb") as file:
        size = file.seek(0, 2)
    host = ffi.open(None)
    descriptor = host.func("i", "open", "si")(image, 0)
    address = host.func("P", "mmap", "Piiiii")(0, size, 1, 2, descriptor, 0)
    vfs.mount(vfs.VfsRom(memoryview(uctypes.bytearray_at(address, size))), "/rom")
    sys.path.insert(0, "/rom")


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
