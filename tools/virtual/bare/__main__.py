r"""Plugs virtual boards in, until Ctrl-C: try the installer's commands on them.

    python -m tools.virtual.bare --folder /tmp/boards --kit /tmp/kit --boards 2 --head
    tocsin provision --plan examples/plan.toml --image /tmp/kit --port rfc2217://127.0.0.1:PORT \
        --head /tmp/boards/tty-table

Their buttons are pressed by themselves when the board asks, and good batteries are in. `--kit` makes a
kit of stand-in images: virtual boards start them, real ones do not.
"""

import argparse
import hashlib
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tools.bench.provision_rig import Table
from tools.virtual.bare.board import BareBoard
from tools.virtual.bare.rom_chip import ROM_CHIPS
from tools.virtual.bare.stand_in import VERSION, firmware

_DEVKIT = {"esp32c3": (6, 3), "esp32s3": (6, 4)}  # motor and contact of the devkits' maps
_BATTERY = {"esp32c3": (0, 1_525), "esp32s3": (1, 1_950)}  # ADC, mV there: half of li_mno2, of lipo
_MAC = b"\x24\x0a\xc4\x00\x00"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the boards; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.virtual.bare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, required=True, help="flash and files of the boards")
    parser.add_argument("--chip", choices=sorted(ROM_CHIPS), default="esp32c3")
    parser.add_argument("--boards", type=int, default=1)
    parser.add_argument("--kit", type=Path, help="make a kit of stand-in images there")
    parser.add_argument("--head", action="store_true", help="put a radio head beside them")
    parser.add_argument("--paced", action="store_true", help="bytes take the time of their speed")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.kit:
        make_kit(options.kit)
    options.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        table = stack.enter_context(Table(options.folder)) if options.head else None
        for number in range(1, options.boards + 1):
            board = plugged(options.folder, options.chip, number, paced=options.paced, table=table)
            stack.callback(board.close)
            print(board.url, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


def plugged(folder: Path, chip: str, number: int, *, paced: bool, table: Table | None) -> BareBoard:
    """Return a board with a person at its button, on a table or alone."""
    board = BareBoard(
        folder / f"board-{number}",
        ROM_CHIPS[chip],
        mac=_MAC + bytes([number]),
        paced=paced,
        among=table.world if table else None,
    )
    board.press_when_asked(*_DEVKIT[chip])
    board.put_battery(*_BATTERY[chip])
    return board


def make_kit(folder: Path) -> None:
    """Write stand-in images and their list."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for chip in ROM_CHIPS.values():
        image = firmware(chip)
        name = f"stand-in-{chip.chip.name}-{VERSION}.bin"
        (folder / name).write_bytes(image)
        lines.append(f"{hashlib.sha256(image).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))


if __name__ == "__main__":
    sys.exit(main())
