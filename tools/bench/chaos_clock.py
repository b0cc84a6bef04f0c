"""A wall clock of the gateway's own that can be stepped: by libfaketime; the host's is left alone.

Only the time of day moves. Monotonic clocks stay, as they do where somebody sets a real clock.
"""

from collections.abc import Mapping
from pathlib import Path
from platform import freedesktop_os_release
from tempfile import TemporaryDirectory

from tools import debian
from tools.micropython import cache_folder

_NAME = "libfaketimeMT.so.1"
_INSTALLED = "usr/lib/*/faketime/" + _NAME
_LEFT_BEHIND = ("faketime_shm_{pid}", "sem.faketime_sem_{pid}")


def library() -> Path | None:
    """Return libfaketime: the system's, or unpacked from its Debian release; None where neither is."""
    home = cache_folder(None).parent.parent / "faketime"
    for root in (Path("/"), home):
        for found in root.glob(_INSTALLED):
            return found
    home.parent.mkdir(parents=True, exist_ok=True)
    try:
        release = freedesktop_os_release()["VERSION_CODENAME"]
        with TemporaryDirectory(prefix="unpacking-", dir=home.parent) as work:
            root = debian.unpack(["libfaketime"], release, debian.architecture(), Path(work))
            root.rename(home)
    except (debian.DebianUnavailable, OSError, KeyError):
        return None
    return next(home.glob(_INSTALLED), None)


class WallClock:
    """The clock of the processes started with its `environment`."""

    def __init__(self, folder: Path) -> None:
        """Begin with the host's time."""
        self._library = library()
        self._offset = folder / "clock"
        self.step(0)

    @property
    def works(self) -> bool:
        """Say whether this machine has what it takes."""
        return self._library is not None

    def environment(self) -> Mapping[str, str]:
        """Return what makes a process read this clock."""
        if self._library is None:
            return {}
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def step(self, seconds: int) -> None:
        """Let it be so many seconds from the host's clock, at once."""
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}s\n", encoding="ascii")
        fresh.replace(self._offset)

    def tidy(self, pid: int) -> None:
        """Remove what the library leaves of a process that was killed."""
        for name in _LEFT_BEHIND:
            (Path("/dev/shm") / name.format(pid=pid)).unlink(missing_ok=True)  # noqa: S108
