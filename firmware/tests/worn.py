"""A worn button in a virtual world, its wearer's hand and skin, and the gateway's end of the air."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

from firmware.core import records, settings
from protocol.messages import IncidentMessage
from tools.virtual.chips import C3
from tools.virtual.device import Power
from tools.virtual.peer import Heard, Peer
from tools.virtual.wearer import Wearer
from tools.virtual.world import World

KEY = bytes(range(16))
MAIN_CONTACT = 3
SECOND_CONTACT = 4
MOTOR = 6
LED = 7
HOLD_S = 0.8
SECOND_US = 1_000_000


class Worn:
    """One button, provisioned; `start` gives it power and waits until it sleeps."""

    def __init__(
        self,
        log_dir: Path,
        *,
        seed: int = 1,
        loss: float = 0.1,
        reserved: int = 0,
        micropython_argv: list[str] | None = None,
        **values: int | str,
    ) -> None:
        """Provision it with counters from `reserved` on; `values` are settings."""
        self.world = World(log_dir, seed=seed, loss=loss, micropython_argv=micropython_argv)
        self.device = self.world.device("button", C3)
        stored: dict[str, int | str] = {"role": "panic_button", "board": "esp32c3_devkit", **values}
        self.device.nvs.set("tocsin", "settings", "blob", settings.pack(stored))
        self.device.nvs.set("tocsin", "secret", "blob", records.pack_secret(KEY, reserved))
        self.wearer = Wearer(lambda: self.world.clock.now_us)
        self.device.watch(MOTOR, self.wearer.motor)
        self.gateway = Peer(self.world, KEY, range(reserved, reserved + 4096))
        self.powers: list[Power] = []
        self.device.on_power = self.powers.append
        self.log = log_dir / "button.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    @property
    def now_us(self) -> int:
        return self.world.clock.now_us

    @property
    def reserved(self) -> int:
        """What flash holds."""
        record = self.device.nvs.get("tocsin", "secret", "blob")
        assert isinstance(record, bytes)
        secret = records.unpack_secret(record)
        assert secret is not None
        return secret[1]

    def start(self, settle_s: float = 0.0) -> None:
        """Give it power, and wait until it sleeps and a little longer."""
        self.device.power_on()
        assert self.sleeps(10)
        self.world.run_for(settle_s)

    def sleeps(self, limit_s: float) -> bool:
        """Wait until it sleeps."""
        return self.until(lambda: self.device.power is Power.SLEEPING, limit_s)

    def until(self, happened: Callable[[], object], limit_s: float) -> bool:
        return self.world.run_until(lambda: bool(happened()), limit_s)

    def press(self, seconds: float, contact: int = MAIN_CONTACT) -> None:
        self.device.drive(contact, 0)
        self.world.run_for(seconds)
        self.device.drive(contact, 1)

    def raise_alert(self, contact: int = MAIN_CONTACT) -> int:
        """Hold a contact until the gesture is complete; return when it was."""
        begun_us = self.now_us
        self.press(HOLD_S + 0.1, contact)
        return begun_us + round(HOLD_S * SECOND_US)

    def feels(self, name: str, limit_s: float, since_us: int = 0) -> int | None:
        """Wait until the wearer feels `name`; return when it began."""
        self.until(lambda: self.wearer.felt(name, since_us), limit_s)
        feeling = self.wearer.felt(name, since_us)
        return feeling.at_us if feeling else None

    def felt(self) -> list[str]:
        return [feeling.name for feeling in self.wearer.feelings]

    def incidents(self, since_us: int = 0) -> list[tuple[Heard, IncidentMessage]]:
        """Return what was heard of alerts and cancels."""
        return [
            (heard, heard.message)
            for heard in self.gateway.heard
            if isinstance(heard.message, IncidentMessage) and heard.at_us >= since_us
        ]
