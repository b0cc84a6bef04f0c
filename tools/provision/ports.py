"""Ports that may have a board, by names that stay.

ttyUSB0 becomes ttyUSB1 after a glitch; what udev makes in /dev/serial/by-id names the device itself, and
by-path the socket where two bridges have no serial number of their own.
"""

import glob
from pathlib import Path

from serial.tools import list_ports

from tools.provision.stopped import Stopped

# Espressif's own USB, and the bridges on boards: Silicon Labs, WCH, FTDI, Prolific
_VENDORS = (0x303A, 0x10C4, 0x1A86, 0x0403, 0x067B)
_STABLE = (Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))


def plugged() -> list[str]:
    """Return the ports of USB bridges and chips that boards of ours have, by stable names."""
    return [stable(port.device) for port in sorted(list_ports.comports()) if port.vid in _VENDORS]


def one(pattern: str) -> str:
    """Return the port that a name or a pattern means now, by its stable name; raise `Stopped`."""
    if "://" in pattern:
        return pattern
    nodes = {stable(node) for node in glob.glob(pattern)}  # noqa: PTH207 - the pattern is absolute
    if len(nodes) != 1:
        raise Stopped("head_not_one", pattern=pattern, count=len(nodes))
    return nodes.pop()


def stable(port: str, folders: tuple[Path, ...] = _STABLE) -> str:
    """Return a name of `port` that it keeps; itself where there is none."""
    if "://" in port:
        return port
    node = Path(port).resolve()
    for folder in folders:
        for link in sorted(folder.glob("*")):
            if link.resolve() == node:
                return str(link)
    return port
