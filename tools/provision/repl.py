"""MicroPython on a board, spoken to through its raw REPL (mpremote's transport, MIT licence).

A console may be in the middle of something: each way in is tried several times, first by asking, then by
Ctrl-C, then by a reset. Bytes that were hurt show as an answer that is none; whoever asks may ask again.
"""

import ast
import struct
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import serial
from mpremote import transport_serial
from mpremote.transport import TransportError

from tools.provision.network_port import quick
from tools.provision.stopped import Lost

_BAUD = 115_200
_ANSWER_S = 5.0
_RESET_S = 0.1
_BOOT_S = 3.0  # with the file system of a first start
_WATCHED_S = 1.0  # how long a program must stay
_BROKEN = (
    TransportError,
    serial.SerialException,
    OSError,
    struct.error,
    SyntaxError,
    ValueError,
    IndexError,
)

# What it prints where it is puzzled may hold what was typed, and a batch has one screen.
transport_serial.print = lambda *_values: None
quick.install()


class BoardError(Exception):
    """Code on the board raised: its traceback. Code is not shown, for it may hold a key."""


class Repl:
    """The console of the board at `port`. Raises `Lost` where nobody answers any more."""

    def __init__(self, port: str, *, reset: bool = False) -> None:
        """Open the port and get to the prompt, by a reset where nobody knows what the board does."""
        self.port = port
        self._transport = self._opened()
        try:
            if reset:
                self.enter_by_reset()
            else:
                self._enter()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the console."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the port go."""
        self.close()

    def ask(self, source: str, limit_s: float = _ANSWER_S) -> Any:  # noqa: ANN401 - a literal
        """Run `source` and return the literal that it prints last; raise `BoardError` or `Lost`."""
        text = self.run(source, limit_s).strip().splitlines()
        try:
            return ast.literal_eval(text[-1])
        except (ValueError, SyntaxError, IndexError) as error:
            raise Lost("console_garbled", port=self.port) from error

    def run(self, source: str, limit_s: float = _ANSWER_S) -> str:
        """Run `source`; return what it prints. Raise `BoardError` or `Lost`."""
        try:
            output, error = self._transport.exec_raw(source, timeout=limit_s)
        except _BROKEN as broken:
            raise Lost("console_lost", port=self.port) from broken
        if error:
            raise BoardError(error.decode("utf-8", "replace").strip())
        return str(output.decode("utf-8", "replace"))

    def reset(self) -> str:
        """Reset the board by its reset line; return what it shows in the next moments."""
        try:
            self._pulse()
            time.sleep(_WATCHED_S)
            line = self._transport.serial
            return str(line.read(line.in_waiting).decode("utf-8", "replace"))
        except _BROKEN as broken:
            raise Lost("console_lost", port=self.port) from broken

    def enter_again(self) -> None:
        """Get back to the prompt after an answer that was none; raise `Lost`."""
        self._enter()

    def enter_by_reset(self) -> None:
        """Reset the board and get to the prompt; raise `Lost`."""
        try:
            self._pulse_and_wait()
        except _BROKEN as broken:
            raise Lost("console_lost", port=self.port) from broken
        self._enter()

    def close(self) -> None:
        """Let the port go."""
        line = self._transport.serial
        try:
            self._transport.close()
        except _BROKEN:
            line.close()  # it was pulled: its lines were not to be had any more

    def _opened(self) -> "transport_serial.SerialTransport":
        try:
            return transport_serial.SerialTransport(self.port, _BAUD, timeout=_ANSWER_S)
        except _BROKEN as broken:
            raise Lost("port_closed", port=self.port) from broken

    def _enter(self) -> None:
        for prepare, limit_s in self._ways():
            try:
                prepare()
                self._transport.enter_raw_repl(soft_reset=False, timeout_overall=limit_s)
                if self._transport.exec_raw("print(6*7)", timeout=2) == (b"42\r\n", b""):
                    return
            except serial.SerialException as broken:
                raise Lost("console_lost", port=self.port) from broken
            except _BROKEN:
                continue
        raise Lost("console_silent", port=self.port)

    def _ways(self) -> list[tuple[Callable[[], None], float]]:
        """Return what is done before each try, and its limit in seconds; a first start takes some."""
        asks = [(self._interrupt, 1.0), (self._interrupt, 2.0)]
        resets = [(self._pulse_and_wait, 2.0), (self._pulse_and_wait, 4.0)]
        return [(lambda: None, 1.0), *asks, *resets]

    def _interrupt(self) -> None:
        self._transport.serial.write(b"\r\x03\x03\x02")

    def _pulse_and_wait(self) -> None:
        self._pulse()
        self._transport.read_until(1, b">>> ", timeout=None, timeout_overall=_BOOT_S)

    def _pulse(self) -> None:
        """Pull the reset line while the boot pin is free."""
        line = self._transport.serial
        line.dtr = False
        line.rts = True
        time.sleep(_RESET_S)
        line.rts = False
