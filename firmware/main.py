"""What the board starts. It ends in a reset, or in the console where a person holds MAINTENANCE down."""

import micropython

micropython.kbd_intr(-1)  # Ctrl-C on the serial line is data, not an interrupt

_NEXT_TRY_MS = 600_000  # a tree that cannot even start must not empty the battery

try:
    from firmware import start

    maintained = start.run()
except Exception as error:  # noqa: BLE001  any end of the program is a reset
    import sys

    import machine

    sys.print_exception(error)
    machine.deepsleep(_NEXT_TRY_MS)

if maintained:
    micropython.kbd_intr(3)  # Ctrl-C again
else:
    import machine

    machine.reset()
