"""What the board starts. It ends in a reset, or in the console where a person holds MAINTENANCE down."""

from micropython import const, kbd_intr

kbd_intr(-1)  # Ctrl-C on the serial line is data, not an interrupt

_NEXT_TRY_MS = const(600_000)  # a tree that cannot even start must not empty the battery
# A read of flash takes as long as a thousand of its bytes. With four times as many a read the program is
# loaded in a third of the reads; littlefs takes 752 bytes of heap for it.
_READ_BYTES = const(128)

try:
    import vfs
    from flashbdev import bdev

    files = vfs.VfsLfs2(bdev, readsize=_READ_BYTES)  # type: ignore[abstract]  # of the stub
    vfs.umount("/")
    vfs.mount(files, "/")
except OSError:  # another file system: it stays as the image has mounted it
    pass

try:
    from firmware import start

    maintained = start.run()
except Exception as error:  # noqa: BLE001  any end of the program is a reset
    import sys

    import machine

    sys.print_exception(error)
    machine.deepsleep(_NEXT_TRY_MS)

if maintained:
    kbd_intr(3)  # Ctrl-C again
else:
    import machine

    machine.reset()
