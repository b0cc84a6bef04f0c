"""What the board starts: reads its settings and runs one of the programs. Any end of it is a reset."""

import micropython

micropython.kbd_intr(-1)  # Ctrl-C on the serial line is data, not an interrupt

import sys  # noqa: E402

from firmware.core import settings as records  # noqa: E402
from firmware.hal import power, storage  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    """Run the program of this device's role on this device's board."""
    settings = records.unpack(storage.read("settings", records.LONGEST))
    board = _load("firmware.boards." + settings.board)
    _load("firmware." + settings.role).run(settings, board)


def _load(name: str) -> "Any":  # noqa: ANN401  a module
    __import__(name)
    return sys.modules[name]


try:
    main()
except Exception as error:  # noqa: BLE001
    sys.print_exception(error)
power.reset()
