"""The radios of this machine: radio heads behind serial ports, and the adapters that BlueZ has."""

from dataclasses import dataclass
from pathlib import Path

# The first that exist count: ours by their serial number, then whatever says that it is Espressif's.
_HEADS = ("dev/tocsin-head-*", "dev/serial/by-id/usb-Espressif*")
_ADAPTERS = "sys/class/bluetooth"


@dataclass(frozen=True, slots=True)
class Found:
    """Ports of radio heads and names of adapters, in the order of their names."""

    ports: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()


def look(root: Path = Path("/")) -> Found:
    """Return what is plugged in; its files are under `root`."""
    ports: list[Path] = []
    for pattern in _HEADS:
        ports = ports or sorted(root.glob(pattern))
    folder = root / _ADAPTERS
    # hci0:11 is a connection, no adapter.
    names = [path.name for path in folder.glob("hci*")] if folder.is_dir() else []
    shown = tuple(f"/{path.relative_to(root)}" for path in ports)
    return Found(shown, tuple(sorted(name for name in names if ":" not in name)))
