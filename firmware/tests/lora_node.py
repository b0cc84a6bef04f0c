"""A board with an SX1262 that runs the driver and nothing else: a test says in a script what it does."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from firmware.boards.pins import LoraPins
from tools.virtual.chips import S3, Chip
from tools.virtual.device import Device
from tools.virtual.sx1262 import Sx1262
from tools.virtual.tests.scripted import Scripted

WIRING = {
    "spi": 1, "sck": 9, "mosi": 10, "miso": 11, "cs": 8, "reset": 12, "busy": 13, "dio1": 14,
    "tcxo_mv": 1800, "dio2_switch": True, "max_dbm": 22,
}  # fmt: skip
PINS = LoraPins(**WIRING)  # type: ignore[arg-type]  # the two kinds of value are told apart by name
FRAME = bytes(range(15))

_PRELUDE = """
from firmware.boards.pins import LoraPins
from firmware.core import settings
from firmware.core.ticks import add, diff
from firmware.hal import clock
from firmware.hal.wait import Waiter, WakeFlag
from firmware.lora import Lora
import machine

flag = WakeFlag()
waiter = Waiter(flag)
frame = bytearray(24)
FRAME = bytes(range(15))
lora = Lora(LoraPins(**{wiring}), settings.of({settings}), flag, {ledger}, clock.seconds())
print("ok", lora.ok)


def send(urgent=True, data=FRAME):
    lora.send(data, len(data), urgent, clock.now_ms())


def serve(ms):
    "Run the radio for so long; say what it hears and how sends end."
    end_ms = add(clock.now_ms(), ms)
    while diff(end_ms, clock.now_ms()) > 0:
        now_ms = clock.now_ms()
        lora.poll(now_ms, clock.seconds())
        length = lora.take(frame)
        while length:
            print("heard", bytes(frame[:length]).hex(), lora.rssi, lora.snr)
            length = lora.take(frame)
        result = lora.take_result()
        if result >= 0:
            print("ended", result, now_ms)
        wait_ms = lora.wait_ms(clock.now_ms())
        left_ms = max(0, diff(end_ms, clock.now_ms()))
        waiter.wait(left_ms if wait_ms < 0 else min(wait_ms, left_ms))


"""


class LoraNodes:
    """A world of boards that run scripts on the unmodified driver."""

    def __init__(
        self, log_dir: Path, *, seed: int = 1, micropython_argv: list[str] | None = None
    ) -> None:
        self._scripted = Scripted(log_dir, seed=seed, micropython_argv=micropython_argv)
        self.world = self._scripted.world
        self.world.lora.loss = 0.0
        self.chips: dict[str, Sx1262] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    def node(
        self,
        script: str,
        *,
        name: str = "board",
        chip: Chip = S3,
        settings: Mapping[str, int] | None = None,
        ledger: bytes = bytes(132),
        wiring: Mapping[str, object] | None = None,
    ) -> Device:
        """Return a board without power; its ledger is empty unless told."""
        whole = WIRING | dict(wiring or {})
        source = _PRELUDE.format(wiring=whole, settings=settings or {}, ledger=repr(ledger))
        board = self._scripted.board(source + script, chip=chip, name=name)
        self.chips[name] = board.fit_lora(LoraPins(**whole))  # type: ignore[arg-type]
        return board

    def run(self, script: str, seconds: float, **options: object) -> list[str]:
        """Run one board; return what it printed."""
        self.node(script, **options).power_on()  # type: ignore[arg-type]
        self.world.run_for(seconds)
        return self.printed()

    def printed(self, name: str = "board") -> list[str]:
        """Return what a board said; a traceback is among it."""
        return self._scripted.printed(name)

    def ended(self, name: str = "board") -> list[tuple[int, int]]:
        """Return status and time of each send that ended."""
        found = re.findall(r"^ended (\d+) (\d+)$", "\n".join(self.printed(name)), re.MULTILINE)
        return [(int(status), int(ms)) for status, ms in found]
