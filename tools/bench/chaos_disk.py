"""A disk that can be full: a small one of its own where this user may mount, else a limit on file size."""

import contextlib
import os
import resource
import subprocess
from pathlib import Path

_BYTES = 48 << 20
_CHUNK = bytes(1 << 16)


class Disk:
    """What the gateway's state lies on, at `folder`."""

    def __init__(self, folder: Path) -> None:
        """Mount it where that is allowed."""
        folder.mkdir(mode=0o700, parents=True)
        options = f"size={_BYTES},mode=0700"
        argv = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        self.mounted = subprocess.run(argv, capture_output=True, check=False).returncode == 0
        self.full = False
        self._folder = folder
        self._filler = folder / "filler"

    def fill(self, pid: int | None) -> None:
        """Leave no room from now on; `pid`: the gateway, if it runs."""
        self.full = True
        if self.mounted:
            self._fill()
        else:
            self.started(pid)

    def free(self, pid: int | None) -> None:
        """Make room again."""
        self.full = False
        self._filler.unlink(missing_ok=True)
        self.started(pid)

    def started(self, pid: int | None) -> None:
        """Let a process that has just started find the disk as it is."""
        if self.mounted or pid is None:
            return
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            allowed = len(_CHUNK) if self.full else most
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (allowed, most))

    def close(self) -> None:
        """Let go of it."""
        if self.mounted:
            subprocess.run(["umount", "--lazy", str(self._folder)], check=True)

    def _fill(self) -> None:
        handle = os.open(self._filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (len(_CHUNK), 512):
                self._append(handle, _CHUNK[:size])
        finally:
            os.close(handle)

    def _append(self, handle: int, data: bytes) -> None:
        try:
            while True:
                os.write(handle, data)
        except OSError:  # ENOSPC: that was the point
            return
