"""The console of MicroPython on a serial line: the friendly REPL, the raw one, and raw paste.

Ctrl-A   raw: what comes until Ctrl-D is run; answered OK output 04 error 04 >
Ctrl-E A Ctrl-A, in raw: paste; R 01, the window 2, and 01 for each window that may be sent
Ctrl-B   friendly    Ctrl-C   forget what was typed    Ctrl-D, nothing typed: soft reset
"""

from collections.abc import Callable, Iterator

_CTRL_A, _CTRL_B, _CTRL_C, _CTRL_D, _CTRL_E = 1, 2, 3, 4, 5
_RAW = b"raw REPL; CTRL-B to exit\r\n>"
_PROMPT = b"\r\n>>> "
_WINDOW = 128

Run = Callable[[str], Iterator[bytes]]  # runs a source; yields its output, and last its error


class Console:
    """Answers what is typed; `run` runs it, `soft_reset` begins the interpreter anew."""

    def __init__(
        self, run: Run, soft_reset: Callable[[], None], banner: str, *, pastes: bool
    ) -> None:
        """Show the friendly prompt; `pastes` says whether raw paste is known."""
        self._run = run
        self._soft_reset = soft_reset
        self._banner = f"\r\n{banner}".encode()
        self._pastes = pastes
        self._typed = bytearray()
        self._step: Callable[[int], Iterator[bytes]] = self._friendly
        self._room = 0

    def greeting(self) -> bytes:
        """Return what is shown at a start."""
        return self._banner + _PROMPT

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what is typed; yield what is shown."""
        for byte in data:
            yield from self._step(byte)

    def _friendly(self, byte: int) -> Iterator[bytes]:
        if byte == _CTRL_A:
            self._into(self._raw)
            yield b"\r\n" + _RAW
        elif byte == _CTRL_B:
            self._typed.clear()
            yield self.greeting()
        elif byte == _CTRL_C:
            self._typed.clear()
            yield _PROMPT
        elif byte == _CTRL_D and not self._typed:
            self._soft_reset()
            yield b"\r\nMPY: soft reboot" + self.greeting()
        elif byte == ord("\r"):
            yield from self._line()
        else:
            self._typed.append(byte)
            yield bytes([byte])

    def _line(self) -> Iterator[bytes]:
        yield b"\r\n"
        yield from self._run(self._source())
        yield _PROMPT

    def _raw(self, byte: int) -> Iterator[bytes]:
        if byte == _CTRL_A:
            if self._typed[:2] == b"\x05A":
                yield from self._begin_paste()
            else:
                self._typed.clear()
                yield _RAW
        elif byte == _CTRL_B:
            self._into(self._friendly)
            yield self.greeting()
        elif byte == _CTRL_C:
            self._typed.clear()
        elif byte != _CTRL_D:
            self._typed.append(byte)
        elif self._typed:
            yield b"OK"
            yield from self._run_raw()
        else:
            self._soft_reset()
            yield b"OK\r\nMPY: soft reboot\r\n" + _RAW

    def _begin_paste(self) -> Iterator[bytes]:
        self._typed.clear()
        if not self._pastes:
            yield b"R\x00"
            return
        self._into(self._paste)
        self._room = _WINDOW
        yield b"R\x01" + _WINDOW.to_bytes(2, "little") + b"\x01"

    def _paste(self, byte: int) -> Iterator[bytes]:
        if byte == _CTRL_C:
            self._into(self._raw)
            yield b"\x04" + _RAW
        elif byte == _CTRL_D:
            self._step = self._raw
            yield b"\x04"
            yield from self._run_raw()
        else:
            self._typed.append(byte)
            self._room -= 1
            if self._room == 0:
                self._room = _WINDOW
                yield b"\x01"

    def _run_raw(self) -> Iterator[bytes]:
        *output, error = self._run(self._source())
        yield b"".join(output) + b"\x04" + error + b"\x04>"

    def _source(self) -> str:
        source = self._typed.decode("utf-8", "replace")
        self._typed.clear()
        return source

    def _into(self, step: Callable[[int], Iterator[bytes]]) -> None:
        self._typed.clear()
        self._step = step
