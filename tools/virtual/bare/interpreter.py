"""The MicroPython of a board: the real interpreter, on the shims of the virtual bench.

A board whose files have a main.py runs that, as it would on the bench; another one runs what is typed. A
board alone has a world of its own, whose time passes as fast as it can while somebody waits for the
board; one in a world with others lives at the pace of the wall clock.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tools.virtual.bare.console import Console
from tools.virtual.chips import Chip
from tools.virtual.cpu import LATER
from tools.virtual.device import Device, Power
from tools.virtual.line import Line
from tools.virtual.realtime import RealTime
from tools.virtual.world import World

_HERE = Path(__file__).resolve().parent / "shims"
_SHIMS = _HERE.parents[1] / "shims"
_LONGEST_RUN_S = 120.0  # of the board's own time, for what is typed
_START_S = 5.0  # virtual time that a program gets at each start
_LOOK_EVERY_S = 0.002
_T = TypeVar("_T")


class _Rebooted(Exception):
    """The code that ran has reset the board."""


class _Alone:
    """A world of one board: its time passes while somebody waits."""

    def __init__(self, world: World) -> None:
        self._world = world

    def do(self, action: Callable[[], _T]) -> _T:
        """Call `action`."""
        return action()

    def until(self, happened: Callable[[], bool], limit_s: float) -> bool:
        """Let time pass until `happened()`; say whether it did."""
        return self._world.run_until(happened, limit_s)

    def let_start(self) -> None:
        """Give a program the time that it gets."""
        self._world.run_for(_START_S)


class _AmongOthers:
    """A world that lives by itself, in its own thread."""

    def __init__(self, world: RealTime) -> None:
        self._world = world
        self.do = world.do

    def until(self, happened: Callable[[], bool], limit_s: float) -> bool:
        """Wait until `happened()`; say whether it did."""
        until_s = time.monotonic() + limit_s
        while not self.do(happened):
            if time.monotonic() >= until_s:
                return False
            time.sleep(_LOOK_EVERY_S)
        return True

    def let_start(self) -> None:
        """Do nothing: a program has all the time there is."""


class _Device(Device):
    """A board with a console."""

    files: Path
    room: int  # bytes that the files may have
    frozen: Path  # modules that its image brings

    def start_cpu(self) -> Line:
        """Start main.py if there is one, else the console."""
        if self.main.is_file():
            path = f"{_SHIMS}:{self.files}:{self.frozen}:.frozen"
            return self._world.run(self, [str(self.main)], path)
        argv = [str(_HERE / "prompt.py"), str(self.files), str(self.room), str(self.frozen)]
        return self._world.run(self, argv, f"{_HERE}:{_SHIMS}:{self.files}:.frozen")

    def listen(self) -> None:
        """Answer what a prompt asks; `shown` has what was printed, `error` how the last run ended."""
        self.shown: list[str] = []
        self.error: str | None = None
        self.at_prompt = False
        self._cpu.calls = {
            **self._cpu.calls,
            "prompt": self._prompt,
            "prompt_shows": self.shown.append,
            "prompt_ran": self._ran,
        }

    def run(self, source: str) -> None:
        """Begin to run what was typed."""
        self.at_prompt = False
        self.error = None
        self._cpu.resume(source)

    def _prompt(self) -> object:
        self.at_prompt = True
        return LATER

    def _ran(self, error: str) -> None:
        self.error = error


class Interpreter:
    """MicroPython on one board; `files` are its file system, `device.nvs` its settings."""

    def __init__(  # noqa: PLR0913 - what the MicroPython of a board is
        self,
        chip: Chip,
        mac: bytes,
        folder: Path,
        *,
        room: int,
        pastes: bool,
        among: RealTime | None = None,
    ) -> None:
        """Begin without power; `folder` is for the files, and for the log of a board alone."""
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._pastes = pastes
        world = among.world if among else World(folder)
        self._time = _AmongOthers(among) if among else _Alone(world)
        self.device = _Device(world, folder.name, chip, mac, self.files / "main.py")
        self.device.files, self.device.room = self.files, room
        self.device.frozen = folder / "frozen"
        world.add(self.device, self.files)
        self.device.listen()
        self.console: Console | None = None

    def start(self, banner: str) -> bytes:
        """Reset the board; return what it shows."""
        self.stop()
        self._banner = banner
        self._time.do(self.device.power_on)
        return self._begin()

    def stop(self) -> None:
        """Take the power away."""
        self.console = None
        self._time.do(self._power_cut)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what is typed; yield what is shown."""
        if self.console is None:
            return
        try:
            yield from self.console.feed(data)
        except _Rebooted:  # what was typed has reset the board; the rest of it is lost
            yield self._begin()

    @property
    def runs_a_program(self) -> bool:
        """Say whether a main.py has been started."""
        return self.console is None and self.device.power is not Power.OFF

    def _begin(self) -> bytes:
        """Let what the files say start; return what it shows: nothing where it is a program of ours."""
        self.console = None
        if self.device.main.is_file():
            self._time.let_start()
            return b""
        if not self._time.until(lambda: self.device.at_prompt, _START_S):
            return b""
        self.console = Console(self._run, self._soft_reset, self._banner, pastes=self._pastes)
        return self.console.greeting()

    def _run(self, source: str) -> Iterator[bytes]:
        boots = self.device.boots
        self._time.do(lambda: self.device.run(source))
        self._time.until(lambda: self.device.at_prompt or self.device.boots > boots, _LONGEST_RUN_S)
        if self.device.boots > boots:
            raise _Rebooted
        yield "".join(self.device.shown).replace("\n", "\r\n").encode()
        self.device.shown.clear()
        yield (self.device.error or "").replace("\n", "\r\n").encode()

    def _soft_reset(self) -> None:
        """Begin anew; files and NVS stay, as on a board."""
        self._time.do(self._power_cut)
        self._time.do(self.device.power_on)
        self._time.until(lambda: self.device.at_prompt, _START_S)

    def _power_cut(self) -> None:
        self.device.at_prompt = False
        self.device.power_cut()
