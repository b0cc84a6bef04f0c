"""The console speaks as MicroPython's: friendly, raw, and raw paste with its window."""

from collections.abc import Iterator

import pytest

from tools.virtual.bare.console import Console


class Interpreter:
    def __init__(self) -> None:
        self.ran: list[str] = []
        self.resets = 0

    def run(self, source: str) -> Iterator[bytes]:
        self.ran.append(source)
        yield b"out"
        yield b"err" if "raise" in source else b""

    def soft_reset(self) -> None:
        self.resets += 1


@pytest.fixture
def python() -> Interpreter:
    return Interpreter()


def console(python: Interpreter, *, pastes: bool = True) -> Console:
    return Console(python.run, python.soft_reset, "MicroPython", pastes=pastes)


def typed(console: Console, data: bytes) -> bytes:
    return b"".join(console.feed(data))


def test_raw_mode_runs_what_stands_before_ctrl_d(python: Interpreter) -> None:
    board = console(python)
    assert typed(board, b"\x01").endswith(b"raw REPL; CTRL-B to exit\r\n>")
    assert typed(board, b"print(1)\x04") == b"OKout\x04\x04>"
    assert typed(board, b"raise X\x04") == b"OKout\x04err\x04>"
    assert python.ran == ["print(1)", "raise X"]


def test_raw_paste_says_when_a_window_is_through(python: Interpreter) -> None:
    board = console(python)
    typed(board, b"\x01")
    assert typed(board, b"\x05A\x01") == b"R\x01\x80\x00\x01"
    assert typed(board, b"#" * 127) == b""
    assert typed(board, b"#" * 130) == b"\x01\x01"
    assert typed(board, b"\x04") == b"\x04out\x04\x04>"
    assert python.ran == ["#" * 257]


def test_a_console_without_raw_paste_says_so(python: Interpreter) -> None:
    board = console(python, pastes=False)
    typed(board, b"\x01")
    assert typed(board, b"\x05A\x01") == b"R\x00"
    assert typed(board, b"x\x04") == b"OKout\x04\x04>"


def test_ctrl_c_forgets_what_was_typed(python: Interpreter) -> None:
    board = console(python)
    typed(board, b"\x01half a line\x03whole\x04")
    assert python.ran == ["whole"]


def test_ctrl_d_alone_is_a_soft_reset(python: Interpreter) -> None:
    board = console(python)
    assert b"soft reboot" in typed(board, b"\x04")
    typed(board, b"\x01")
    assert b"soft reboot" in typed(board, b"\x04")
    assert python.resets == 2


def test_the_friendly_prompt_echoes_and_runs_a_line(python: Interpreter) -> None:
    assert typed(console(python), b"a\r") == b"a\r\nout\r\n>>> "
