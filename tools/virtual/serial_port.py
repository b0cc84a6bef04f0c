"""A USB serial port that is a pseudo-terminal: it can be unplugged and come back under another name."""

import errno
import os
import tty
from collections.abc import Callable
from pathlib import Path


class SerialPort:
    """A pty whose other end other programs open by `path`, a link that names the node of the moment."""

    def __init__(self, path: Path) -> None:
        """Plug it in."""
        self.path = path
        self.master: int | None = None
        self.on_bytes: Callable[[bytes], None] = lambda _data: None
        self.on_change: Callable[[SerialPort, int | None], None] = lambda _port, _old: None
        self.plug()

    def plug(self, path: Path | None = None) -> None:
        """Plug it in, under another name if one is given."""
        self.path = path or self.path
        self.master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        self._slave = slave  # held open, so that the master does not hang up when nobody reads
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        self.on_change(self, None)

    def unplug(self) -> None:
        """Pull the plug: the node vanishes, readers get an error."""
        self.on_change(self, self.master)
        self.close()

    def close(self) -> None:
        """End without a word to whoever watches `master`."""
        self.path.unlink(missing_ok=True)
        if self.master is not None:
            os.close(self._slave)
            os.close(self.master)
            self.master = None

    def write(self, data: bytes) -> None:
        """Send bytes to whoever has the port open; what does not fit is lost, as on USB."""
        if self.master is None:
            return
        try:
            os.write(self.master, data)
        except BlockingIOError:
            return

    def readable(self) -> None:
        """Take what was written to the port."""
        if self.master is None:
            return
        try:
            data = os.read(self.master, 4096)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno == errno.EIO:  # nobody has the other end open
                return
            raise
        self.on_bytes(data)
