"""The virtual world: clock, air and boards, and how boards get a CPU.

One CPU computes at a time, virtual time moves only between events, and a seed makes a run repeat to the
byte. `RealTime` paces the same world by the wall clock.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tools import micropython
from tools.virtual.ble_air import BleAir
from tools.virtual.chips import Chip
from tools.virtual.clock import Clock
from tools.virtual.device import Device
from tools.virtual.line import Line
from tools.virtual.lora_air import LoraAir

_ROOT = Path(__file__).resolve().parents[2]
_SHIMS = Path(__file__).resolve().parent / "shims"


class World:
    """Everything virtual."""

    def __init__(
        self,
        log_dir: Path,
        *,
        seed: int = 1,
        loss: float = 0.1,
        micropython_argv: list[str] | None = None,
        firmware: Path = _ROOT,
    ) -> None:
        """Boards print to `log_dir`; `micropython_argv` chooses and bounds the interpreter.

        `firmware` is what boards have in flash: the sources, or a tree of `tools.firmware_build`;
        a board may have a tree of its own.
        """
        self.clock = Clock()
        self.rng = random.Random(seed)
        self.ble = BleAir(self.clock, random.Random(self.rng.random()), loss)
        self.lora = LoraAir(self.clock, random.Random(f"lora {seed}"), loss)
        self.devices: list[Device] = []
        self._log_dir = log_dir
        self._argv = micropython_argv or micropython.command()
        self._firmware = firmware
        self._flashed: dict[Device, Path] = {}

    def device(
        self, name: str, chip: Chip, main: Path | None = None, *, firmware: Path | None = None
    ) -> Device:
        """Return a new board without power that starts `main`, the firmware's if there is no other.

        It has `firmware` in flash, else what all boards of this world have.
        """
        number = len(self.devices) + 1
        mac = bytes([0x24, 0x0A, 0xC4, 0, number >> 8, number & 0xFF])
        tree = firmware or self._firmware
        device = Device(self, name, chip, mac, main or _main_of(tree))
        self.add(device, tree)
        return device

    def add(self, device: Device, tree: Path) -> None:
        """Take a board that was made elsewhere, with `tree` in its flash."""
        self._flashed[device] = tree
        self.devices.append(device)

    def flash(self, device: Device, tree: Path) -> None:
        """Put another tree into the flash of a board, for its next start."""
        device.main = _main_of(tree)
        self._flashed[device] = tree

    def start_cpu(self, device: Device) -> Line:
        """Start the firmware as the chip does after its boot."""
        tree = self._flashed[device]
        compiled_shims = tree / "shims"
        shims = compiled_shims if compiled_shims.is_dir() else _SHIMS
        return self.run(device, [str(device.main)], f"{shims}:{tree}:.frozen")  # asyncio is frozen

    def run(self, device: Device, argv: list[str], path: str) -> Line:
        """Start the interpreter as the CPU of a board, with `path` to import from."""
        log = self._log_dir / f"{device.name}.log"
        return Line([*self._argv, *argv], {"MICROPYPATH": path}, log)

    def run_for(self, seconds: float) -> None:
        """Let virtual time pass, as fast as possible."""
        until_us = self.clock.now_us + round(seconds * 1_000_000)
        while self.clock.step(until_us):
            pass

    def run_until(self, happened: Callable[[], bool], limit_s: float) -> bool:
        """Let virtual time pass until `happened()`, at most `limit_s`; say whether it did."""
        until_us = self.clock.now_us + round(limit_s * 1_000_000)
        while not happened():
            if not self.clock.step(until_us):
                return happened()
        return True

    def close(self) -> None:
        """Cut all power."""
        for device in self.devices:
            device.power_cut()

    def __enter__(self) -> Self:
        """Return the world."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cut all power."""
        self.close()


def _main_of(tree: Path) -> Path:
    """Return the file that the boards of a tree start: in its root, or where the sources have it."""
    in_root = tree / "main.py"
    return in_root if in_root.exists() else tree / "firmware" / "main.py"
