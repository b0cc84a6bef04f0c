"""The MicroPython of a board: the real interpreter, on the shims of the virtual bench.

A board whose files have a main.py runs that, as it would on the bench; another one runs what is typed.
"""

from collections.abc import Iterator
from pathlib import Path

from tools.virtual.bare.console import Console
from tools.virtual.chips import Chip
from tools.virtual.cpu import LATER
from tools.virtual.device import Device, Power
from tools.virtual.line import Line
from tools.virtual.world import World

_HERE = Path(__file__).resolve().parent / "shims"
_SHIMS = _HERE.parents[1] / "shims"
_LONGEST_RUN_S = 120.0  # of the board's own time, for what is typed
_START_S = 5.0  # virtual time that a program gets at each start


class _Rebooted(Exception):
    """The code that ran has reset the board."""


class _World(World):
    """A world of one board, which starts what its files say."""

    files: Path
    room: int  # bytes that the files may have

    def start_cpu(self, device: Device) -> Line:
        """Start main.py if there is one, else the console."""
        if (self.files / "main.py").is_file():
            return super().start_cpu(device)
        argv = [*self._argv, str(_HERE / "prompt.py"), str(self.files), str(self.room)]
        env = {"MICROPYPATH": f"{_HERE}:{_SHIMS}:{self.files}:.frozen"}
        return Line(argv, env, self._log_dir / f"{device.name}.log")


class _Device(Device):
    """A board with a console."""

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

    def __init__(self, chip: Chip, mac: bytes, folder: Path, *, room: int, pastes: bool) -> None:
        """Begin without power; `folder` is for the files and the log."""
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._pastes = pastes
        self._world = _World(folder, firmware=self.files)
        self._world.files, self._world.room = self.files, room
        self.device = _Device(self._world, "bare", chip, mac, self.files / "main.py")
        self._world.flash(self.device, self.files)
        self.device.main = self.files / "main.py"  # there or not
        self.device.listen()
        self.console: Console | None = None

    def start(self, banner: str) -> bytes:
        """Reset the board; return what it shows."""
        self.stop()
        self._banner = banner
        self.device.power_on()
        return self._begin()

    def stop(self) -> None:
        """Take the power away."""
        self.console = None
        self.device.at_prompt = False
        self.device.power_cut()

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
        self._world.run_until(lambda: self.device.at_prompt, _START_S)
        if not self.device.at_prompt:
            return b""
        self.console = Console(self._run, self._soft_reset, self._banner, pastes=self._pastes)
        return self.console.greeting()

    def _run(self, source: str) -> Iterator[bytes]:
        boots = self.device.boots
        self.device.run(source)
        self._world.run_until(
            lambda: self.device.at_prompt or self.device.boots > boots, _LONGEST_RUN_S
        )
        if self.device.boots > boots:
            raise _Rebooted
        yield "".join(self.device.shown).replace("\n", "\r\n").encode()
        self.device.shown.clear()
        yield (self.device.error or "").replace("\n", "\r\n").encode()

    def _soft_reset(self) -> None:
        """Begin anew; files and NVS stay, as on a board."""
        self.device.power_cut()
        self.device.at_prompt = False
        self.device.power_on()
        self._world.run_until(lambda: self.device.at_prompt, _START_S)
