"""Runs on MicroPython: starts main.py from littlefs and imports a program; prints what that takes.

    micropython import_on_micropython.py FOLDER MODULE ...

Modules, their bytes, reads of flash, bytes read. FOLDER goes to the root of a littlefs as a board has it.
Of main.py runs what it does before the program. What only a board has is empty here.
"""

import os
import sys

import vfs

_BLOCK = 4096
_BLOCKS = 512


class Flash:
    """Counts what is read of it."""

    def __init__(self) -> None:
        """Begin erased."""
        self.data = bytearray(_BLOCK * _BLOCKS)
        self.reads = 0
        self.bytes = 0

    def readblocks(self, block: int, buffer: bytearray, offset: int = 0) -> None:
        """Read."""
        self.reads += 1
        self.bytes += len(buffer)
        start = block * _BLOCK + offset
        buffer[:] = memoryview(self.data)[start : start + len(buffer)]

    def writeblocks(self, block: int, buffer: bytes, offset: int = 0) -> None:
        """Write."""
        start = block * _BLOCK + offset
        self.data[start : start + len(buffer)] = buffer

    def ioctl(self, op: int, _arg: int) -> int:
        """Answer how large it is; erase nothing, writing overwrites."""
        return {4: _BLOCKS, 5: _BLOCK}.get(op, 0)


def copy(source: str, target: str) -> None:
    """Copy a folder."""
    for name, kind, *_ in os.ilistdir(source):
        if kind == 0x4000:
            os.mkdir(target + "/" + name)
            copy(source + "/" + name, target + "/" + name)
        else:
            with open(source + "/" + name, "rb") as file, open(target + "/" + name, "wb") as out:
                out.write(file.read())


class Nothing:
    """A module of which only its name is asked."""


def main(folder: str, *program: str) -> None:
    """Print the cost of the program's imports."""
    flash = Flash()
    vfs.VfsLfs2.mkfs(flash)
    vfs.mount(vfs.VfsLfs2(flash), "/flash")
    copy(folder, "/flash")
    vfs.umount("/flash")
    vfs.umount("/")  # that of the machine
    vfs.mount(vfs.VfsLfs2(flash), "/")
    os.chdir("/")
    sys.path[:] = [""]
    for name in ("machine", "esp32", "bluetooth"):
        sys.modules[name] = Nothing
    Nothing.bdev = flash
    sys.modules["flashbdev"] = Nothing
    before = set(sys.modules)
    flash.reads = flash.bytes = 0
    begin()
    for name in program:
        __import__(name)
    reads, read_bytes = flash.reads, flash.bytes
    modules = set(sys.modules) - before
    print(len(modules), sum(map(size, modules)), reads, read_bytes)


def begin() -> None:
    """Read main.py and do what it does before it starts the program."""
    with open("main.py") as file:
        before, start, _ = file.read().partition("\ntry:\n    from firmware")
    if not start:
        raise ValueError("main.py starts the program in another way")
    exec(before, {})  # noqa: S102  it is what a board runs


def size(module: str) -> int:
    """Return the bytes of a module's file; a folder without one has none."""
    path = module.replace(".", "/")
    for file in (path + ".mpy", path + "/__init__.mpy"):
        try:
            return os.stat(file)[6]
        except OSError:
            pass
    return 0


main(*sys.argv[1:])
