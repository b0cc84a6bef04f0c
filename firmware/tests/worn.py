"""A worn button in a virtual world, its wearer's hand and skin, and the gateway's end of the air."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

from firmware.boards import esp32c3_lora
from firmware.core import records, settings
from protocol.messages import IncidentMessage
from tools.flashed import flashed
from tools.virtual.chips import C3, Chip
from tools.virtual.device import Power
from tools.virtual.lora_peer import LoraPeer
from tools.virtual.peer import Heard, Peer
from tools.virtual.wearer import Wearer
from tools.virtual.world import World

KEY = bytes(range(16))
MAIN_CONTACT = 3
SECOND_CONTACT = 4
MOTOR = 6
LED = 7
BATTERY_ADC = 0  # behind a divider by two
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
        lora: bool = False,
        chip: Chip = C3,
        micropython_argv: list[str] | None = None,
        **values: int | str,
    ) -> None:
        """Provision it with counters from `reserved` on; `values` are settings.

        It runs what is flashed; an interpreter that is named is one of 32 bits.
        With `lora` the board has a LoRa module, and the gateway hears that as well: `lora_gateway`.
        """
        self.world = World(log_dir, seed=seed, loss=loss, micropython_argv=micropython_argv)
        tree = flashed("panic_button", "x86" if micropython_argv else "x64")
        self.device = self.world.device("button", chip, firmware=tree)
        board = "esp32c3_lora" if lora else "esp32c3_devkit"
        stored: dict[str, int | str] = {"role": "panic_button", "board": board, **values}
        for name in ("settings", "settings2"):
            self.device.nvs.set("tocsin", name, "blob", settings.pack(stored))
        self.device.nvs.set("tocsin", "secret", "blob", records.pack_secret(KEY, reserved))
        self.battery_mv = 3_000.0
        self.device.analog.sources[BATTERY_ADC] = lambda: self.battery_mv / 2
        self.wearer = Wearer(lambda: self.world.clock.now_us)
        self.device.watch(MOTOR, self.wearer.motor)
        self.gateway = Peer(self.world, KEY, range(reserved, reserved + 4096))
        self.lora_gateway: LoraPeer | None = None
        if lora:
            self._fit_lora(range(reserved, reserved + 4096), int(values.get("lora_sf", 9)))
        self.powers: list[Power] = []
        self.device.on_power = self.powers.append
        self.log = log_dir / "button.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    def _fit_lora(self, counters: range, sf: int) -> None:
        assert esp32c3_lora.PANIC_BUTTON.lora is not None
        self.chip = self.device.fit_lora(esp32c3_lora.PANIC_BUTTON.lora)
        self.lora_gateway = LoraPeer(self.world, {"button": KEY}, counters)
        self.lora_gateway.tune(sf)

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

    def taps(self, *spans_s: float, contact: int = MAIN_CONTACT) -> None:
        """Press and let go for so many seconds each."""
        for at, seconds in enumerate(spans_s):
            self.device.drive(contact, at % 2)
            self.world.run_for(seconds)
        self.device.drive(contact, 1)

    def kinds(self, since_us: int = 0) -> list[int]:
        """Return what was heard by BLE, as kinds."""
        return [h.message.word() >> 20 for h in self.gateway.heard if h.at_us >= since_us]

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
