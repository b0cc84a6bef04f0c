"""Whether an adapter is blocked by rfkill, as the kernel says: not every BlueZ does (PowerState)."""

from pathlib import Path

ADAPTERS = Path("/sys/class/bluetooth")


def blocked(adapter: str, adapters: Path = ADAPTERS) -> bool:
    """Say whether `adapter`, hci0, is blocked by a switch or by a program."""
    found = adapters.glob(f"{adapter}/rfkill*/*")
    return any(_is_set(one) for one in found if one.name in ("hard", "soft"))


def _is_set(file: Path) -> bool:
    try:
        return file.read_text(encoding="ascii").strip() == "1"
    except OSError:  # it was pulled meanwhile
        return False
