"""A serial port as an asyncio byte pipe: exclusive, never blocking, its writes bounded."""

import asyncio
import errno
import glob
import os
from collections import deque
from collections.abc import Callable

import serial

from gateway.radio import LinkDown

_READ_BYTES = 4096
_BAUD = 921_600  # SPEC 10; means nothing on native USB
_WAITING_MAX = 64
_REASONS = {
    errno.ENOENT: "absent",
    errno.EACCES: "no_permission",
    errno.EAGAIN: "busy",
    errno.EBUSY: "busy",
}


def find(pattern: str) -> str:
    """Return the device node `pattern` means now: names change when USB is plugged again."""
    nodes = sorted(glob.glob(pattern))  # noqa: PTH207 - the pattern is absolute
    if not nodes:
        raise LinkDown("absent")
    return nodes[0]


class Port:
    """An open port. `down` ends with `LinkDown` when the line does."""

    def __init__(self, node: str, heard: Callable[[bytes], None]) -> None:
        """Open `node` for us alone and give what comes to `heard`; raise `LinkDown`."""
        try:
            # DTR and RTS stay as the kernel raises them, together: apart they reset the board.
            self._serial = serial.Serial(node, _BAUD, timeout=0, write_timeout=0, exclusive=True)
        except OSError as error:  # SerialException is one
            reason = _REASONS.get(error.errno or 0, "cannot_open")
            raise LinkDown(reason) from error
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._fd = self._serial.fileno()
        self._waiting: deque[bytes] = deque()
        self.down: asyncio.Future[None] = self._loop.create_future()
        self.dropped = 0
        self._loop.add_reader(self._fd, self._readable)

    def write(self, data: bytes) -> None:
        """Write when the line takes it; of more than 64 messages the oldest is dropped, counted."""
        if self.down.done():
            return
        if len(self._waiting) >= _WAITING_MAX:
            # The first may be partly written: what follows it is the oldest whole message.
            del self._waiting[1]
            self.dropped += 1
        self._waiting.append(data)
        self._writable()

    def close(self) -> None:
        """Let go of the port."""
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        if not self.down.cancel():
            self.down.exception()  # whoever closes has seen it, or need not
        try:
            self._serial.close()
        except OSError:  # an unplugged port cannot even be closed properly
            return

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:  # EIO: unplugged, or the other end of a pty is gone
            self._fail()
            return
        if data:
            self._heard(data)
        else:
            self._fail()

    def _writable(self) -> None:
        try:
            while self._waiting:
                written = os.write(self._fd, self._waiting[0])
                if written < len(self._waiting[0]):
                    self._waiting[0] = self._waiting[0][written:]
                    break
                self._waiting.popleft()
        except BlockingIOError:
            pass
        except OSError:
            self._fail()
            return
        if self._waiting:
            self._loop.add_writer(self._fd, self._writable)
        else:
            self._loop.remove_writer(self._fd)

    def _fail(self) -> None:
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        if not self.down.done():
            self.down.set_exception(LinkDown("unplugged"))
