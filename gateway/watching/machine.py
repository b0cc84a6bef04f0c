"""Reads how this computer fares: room on the disk, and what a Raspberry Pi tells of power and heat.

    /sys/devices/platform/soc*/soc*:firmware/get_throttled   hexadecimal: bit 0 under-voltage, 1 the
                       clock is capped, 2 throttled, 3 soft temperature limit; 16 to 19 since the start
    /sys/class/hwmon/hwmon*/in0_lcrit_alarm                  1: under-voltage, where `name` is rpi_volt
    /sys/class/thermal/thermal_zone*/temp                    thousandths of a degree, `type` cpu-thermal

What is not there, as on a PC, is not judged.
"""

import os
from pathlib import Path

from gateway.watching.wellbeing import MachineSample

_UNDER_VOLTAGE = 0x1
_THROTTLED = 0x2 | 0x4 | 0x8


def sample(state_dir: Path, root: Path = Path("/")) -> MachineSample:
    """Return how the computer fares; its files are under `root`."""
    flags = _throttled(root)
    under_voltage = _alarm(root) if flags is None else bool(flags & _UNDER_VOLTAGE)
    return MachineSample(
        disk_free_bytes=_free_bytes(state_dir),
        under_voltage=under_voltage,
        throttled=None if flags is None else bool(flags & _THROTTLED),
        celsius=_celsius(root),
    )


def _free_bytes(folder: Path) -> int | None:
    try:
        told = os.statvfs(folder)
    except OSError:
        return None
    return told.f_bavail * told.f_frsize


def _throttled(root: Path) -> int | None:
    for path in root.glob("sys/devices/platform/soc*/soc*:firmware/get_throttled"):
        return _number(path, 16)
    return None


def _alarm(root: Path) -> bool | None:
    for path in root.glob("sys/class/hwmon/hwmon*/name"):
        if _text(path) == "rpi_volt":
            alarm = _number(path.with_name("in0_lcrit_alarm"), 10)
            return None if alarm is None else bool(alarm)
    return None


def _celsius(root: Path) -> float | None:
    zones = root.glob("sys/class/thermal/thermal_zone*/type")
    found = [_number(path.with_name("temp"), 10) for path in zones if _text(path) == "cpu-thermal"]
    return max((value / 1000 for value in found if value is not None), default=None)


def _number(path: Path, base: int) -> int | None:
    try:
        return int(_text(path), base)
    except ValueError:
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
