"""A board that runs a script of the test instead of the firmware."""

from pathlib import Path
from typing import Self

from tools.virtual.chips import C3, Chip
from tools.virtual.device import Device
from tools.virtual.world import World

# Begins a script that tries what is to be refused, and prints the error.
REFUSED = """
def refused(kind, call, *args, **named):
    try:
        call(*args, **named)
    except kind as error:
        print(kind.__name__, error.args[0])
        return
    print("allowed", args, named)
"""
END = "\nimport machine\nmachine.deepsleep()\n"


class Scripted:
    """A world in which boards run scripts. A script ends in deep sleep; `printed` is what it said."""

    def __init__(
        self, log_dir: Path, *, seed: int = 1, micropython_argv: list[str] | None = None
    ) -> None:
        self.world = World(log_dir, seed=seed, loss=0.0, micropython_argv=micropython_argv)
        self._log_dir = log_dir

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    def board(self, source: str, *, chip: Chip = C3, name: str = "board") -> Device:
        """Return a board without power that runs `source`."""
        main = self._log_dir / f"{name}.py"
        main.write_text(source + END)
        return self.world.device(name, chip, main)

    def run(self, source: str, seconds: float = 10.0, *, chip: Chip = C3) -> list[str]:
        """Run `source` for so long; return the lines it printed."""
        self.board(source, chip=chip).power_on()
        self.world.run_for(seconds)
        return self.printed()

    def printed(self, name: str = "board") -> list[str]:
        return (self._log_dir / f"{name}.log").read_text().splitlines()


def run(log_dir: Path, source: str, seconds: float = 10.0, *, chip: Chip = C3) -> list[str]:
    """Run `source` on a board of its own; return the lines it printed."""
    with Scripted(log_dir) as scripted:
        return scripted.run(source, seconds, chip=chip)
