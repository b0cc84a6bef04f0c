"""Weeks in the life of a program on the virtual bench, with the unmodified firmware.

It raises `Unlived` where the program said something on its console, or a gateway missed what it should
have heard: so shows a heap that is too small. What a role does all day is in `firmware_lives`.
"""

from collections.abc import Callable
from pathlib import Path

from firmware.boards import esp32c3_devkit, esp32c3_lora, esp32s3_devkit, esp32s3_lora
from firmware.core import records, settings
from tools.firmware_closure import chip_of
from tools.virtual.chips import CHIPS
from tools.virtual.line import DeviceDied
from tools.virtual.world import World

BOARDS = {
    "esp32c3_devkit": esp32c3_devkit,
    "esp32c3_lora": esp32c3_lora,
    "esp32s3_devkit": esp32s3_devkit,
    "esp32s3_lora": esp32s3_lora,
}
DAY_S = 86_400.0
KEY = bytes(range(16))
_MEASURE = ("base ", "heap ", "qstr pool: ")


class Unlived(Exception):
    """The program did not do what it is for; says what was seen."""


class Life:
    """One board under power. `alerts` are raised and `days` passed so far."""

    role = ""

    def __init__(self, world: World, logs: Path, board: str, **values: int | str) -> None:
        """Provision `board`, with default settings but for `values`, and give it power."""
        self.world = world
        self.device = world.device(self.role, CHIPS[chip_of(board)])
        self.log = logs / f"{self.role}.log"
        self.pins = getattr(BOARDS[board], self.role.upper())
        if self.pins.lora is not None:
            self.device.fit_lora(self.pins.lora)
        stored = settings.pack({"role": self.role, "board": board, **values})
        for key in ("settings", "settings2"):
            self.device.nvs.set("tocsin", key, "blob", stored)
        self.device.nvs.set("tocsin", "secret", "blob", records.pack_secret(KEY, 0))
        self.alerts = 0
        self.prepare()
        self.device.power_on()

    def prepare(self) -> None:
        """Connect what is around the board."""

    def alert(self) -> None:
        """Raise an alert and see it through."""

    def live(self, days: float, alerts: int) -> None:
        """Pass `days` with so many alerts, evenly spread; raise `Unlived`."""
        try:
            begun_us = self.world.clock.now_us
            for number in range(alerts):
                self._pass_until(begun_us + round((number + 0.5) * days / alerts * DAY_S * 1e6))
                self.alert()
                self.alerts += 1
                self._look()
            self._pass_until(begun_us + round(days * DAY_S * 1e6))
            self._look()
        except DeviceDied as error:
            raise self.unlived(str(error)) from error

    def expect(self, happened: Callable[[], object], limit_s: float, what: str) -> None:
        """Wait for something that must happen."""
        if not self.world.run_until(lambda: bool(happened()), limit_s):
            raise self.unlived(what)

    def unlived(self, what: str) -> Unlived:
        """Return what the program said, or else what is missing."""
        return Unlived(self._said() or what)

    def press(self, gpio: int, seconds: float) -> None:
        """Close a contact for a while."""
        self.device.drive(gpio, 0)
        self.world.run_for(seconds)
        self.device.drive(gpio, 1)

    def measured(self) -> list[str]:
        """Return the lines of `heap_on_micropython`."""
        return [line for line in self._lines() if line.startswith(_MEASURE)]

    def _pass_until(self, at_us: int) -> None:
        self.world.run_for(max(0, at_us - self.world.clock.now_us) / 1e6)

    def _look(self) -> None:
        if said := self._said():
            raise Unlived(said)

    def _said(self) -> str:
        return "\n".join(line for line in self._lines() if not line.startswith(_MEASURE))

    def _lines(self) -> list[str]:
        return self.log.read_text().splitlines()
