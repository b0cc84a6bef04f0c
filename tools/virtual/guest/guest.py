"""A guest with a disk of its own: up in a second or two, cut off like a Pi, started again from its disk."""

import shutil
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

from tools.virtual.guest import image
from tools.virtual.guest.agent_client import AgentClient
from tools.virtual.guest.machine import Machine

_PIECE_BYTES = 1 << 20


class Guest:
    """One guest with a disk of its own."""

    def __init__(self, release: str | None = None) -> None:
        """Take a copy of the disk of a Debian release, else of this machine's; raise `ImageMissing`."""
        self._folder = Path(mkdtemp(prefix="tocsin-guest-"))  # short: it holds sockets
        try:
            files = image.lay(self._folder, release)
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        self._machine = Machine(files.kernel, files.initrd, files.disk, self._folder)
        self._agent: AgentClient | None = None

    @property
    def hci(self) -> Path:
        """The socket behind which the guest expects an adapter."""
        return self._machine.socket("hci")

    def resume(self) -> None:
        """Go on from the state in which everything has started; its clock is set."""
        self._up(image.READY)

    def boot(self) -> None:
        """Start from the disk as it is; its clock is set."""
        self._up(None)

    def power_cut(self) -> None:
        """Take its power away: what is not on the disk is gone."""
        if self._agent is not None:
            self._agent.close()
            self._agent = None
        self._machine.cut()

    def run(self, *argv: str, given: bytes = b"", limit_s: float = 60.0, check: bool = True) -> str:
        """Run a command in it; see `AgentClient.run`."""
        if self._agent is None:
            raise RuntimeError("the guest is switched off")
        return self._agent.run(*argv, given=given, limit_s=limit_s, check=check)

    def sh(self, script: str, *, limit_s: float = 60.0, check: bool = True) -> str:
        """Run a script of sh in it."""
        return self.run("sh", "-ec", script, limit_s=limit_s, check=check)

    def push(self, data: bytes, path: str) -> None:
        """Write a file in it."""
        self._machine.hand_over(data)
        pieces = -(-len(data) // _PIECE_BYTES)
        read = f"dd if=/dev/vdb bs={_PIECE_BYTES} count={pieces} iflag=direct status=none"
        self.sh(f"{read} | head -c {len(data)} > {path}")

    def set_clock(self, unix_s: float | None = None) -> None:
        """Set its clock, to the right time where none is given."""
        moment_s = time.time() if unix_s is None else unix_s
        self.run("date", "--set", f"@{moment_s:.6f}")

    def close(self) -> None:
        """End it, and forget its disk."""
        self.power_cut()
        shutil.rmtree(self._folder)

    def __enter__(self) -> Self:
        """Return the guest."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()

    def _up(self, state: str | None) -> None:
        self._machine.start(state)
        self._agent = self._machine.agent()
        self.set_clock()
