"""A call box in a virtual world, the people around it, and the gateway's two ends of the air."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Self

from firmware.boards import esp32s3_lora
from firmware.boards.pins import LoraPins
from firmware.core import box_record, records, settings
from protocol.messages import Condition, IncidentMessage, Message
from protocol.names import KIND_NAMES
from tools.flashed import flashed
from tools.virtual.chips import S3
from tools.virtual.device import Power
from tools.virtual.lora_peer import LoraHeard, LoraPeer
from tools.virtual.peer import Peer
from tools.virtual.world import World

KEY = bytes(range(16))
PINS = esp32s3_lora.CALL_BOX
BUTTON, SECOND_BUTTON = PINS.buttons
SECOND_US = 1_000_000


class Boxed:
    """One box, provisioned, whole and on the mains. What people see and hear is in `changes`."""

    def __init__(
        self,
        log_dir: Path,
        *,
        seed: int = 1,
        loss: float = 0.0,
        reserved: int = 0,
        answer: int | None = None,
        ble_gateway: bool = False,
        micropython_argv: list[str] | None = None,
        **values: int | str,
    ) -> None:
        """Provision it with counters from `reserved` on; `values` are settings.

        It runs what is flashed; an interpreter that is named is one of 32 bits.
        """
        self.world = World(log_dir, seed=seed, loss=loss, micropython_argv=micropython_argv)
        tree = flashed("call_box", "x86" if micropython_argv else "x64")
        self.device = self.world.device("box", S3, firmware=tree)
        assert isinstance(PINS.lora, LoraPins)
        self.chip = self.device.fit_lora(PINS.lora)
        assert PINS.battery is not None
        self.battery_mv = 4_100.0
        self.device.analog.sources[PINS.battery.adc] = lambda: self.battery_mv / 2
        stored: dict[str, int | str] = {
            "role": "call_box",
            "board": "esp32s3_lora",
            "chemistry": "lipo",
            **values,
        }
        nvs = self.device.nvs
        nvs.set("tocsin", "settings", "blob", settings.pack(stored))
        nvs.set("tocsin", "settings2", "blob", settings.pack(stored))
        nvs.set("tocsin", "secret", "blob", records.pack_secret(KEY, reserved))
        for gpio in (PINS.tamper, PINS.cabinet):
            self.device.drive(gpio, 0)  # the loops are whole
        self.gateway = LoraPeer(self.world, {"box": KEY}, range(reserved, reserved + 4096))
        self.gateway.tune(int(values.get("lora_sf", 9)))
        self.gateway.answer_op = answer
        self.ble_gateway: Peer | None = None
        if ble_gateway:
            self.ble_gateway = Peer(self.world, KEY, range(reserved, reserved + 4096))
            self.ble_gateway.answer_op = answer
        self.changes: list[tuple[int, str, int]] = []
        for name, gpio in (("lamp", PINS.lamp), ("siren", PINS.siren)):
            self.device.watch(gpio, self._watcher(name))
        self.log = log_dir / "box.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    @property
    def now_us(self) -> int:
        return self.world.clock.now_us

    @property
    def kept(self) -> box_record.BoxRecord:
        """What flash holds of incidents and faults."""
        stored = self.device.nvs.get("tocsin", box_record.KEY, "blob")
        return box_record.unpack(stored if isinstance(stored, bytes) else b"")

    def start(self, settle_s: float = 70.0) -> None:
        """Give it power, and wait until its first heartbeat is over."""
        self.device.power_on()
        self.world.run_for(settle_s)
        assert self.device.power is Power.RUNNING, self.log.read_text()

    def run(self, seconds: float) -> None:
        self.world.run_for(seconds)

    def until(self, happened: Callable[[], object], limit_s: float) -> bool:
        return self.world.run_until(lambda: bool(happened()), limit_s)

    def press(self, seconds: float = 0.3, button: int = BUTTON) -> int:
        """Press a button; return when."""
        begun_us = self.now_us
        self.device.drive(button, 0)
        self.world.run_for(seconds)
        self.device.drive(button, 1)
        return begun_us

    def open(self, loop: int) -> None:
        self.device.drive(loop, 1)

    def close(self, loop: int) -> None:
        self.device.drive(loop, 0)

    def heard(self, kind: int | None = None, since_us: int = 0) -> list[LoraHeard]:
        """Return what the gateway heard by LoRa, of one kind or all."""
        return [
            heard
            for heard in self.gateway.heard
            if heard.at_us >= since_us and kind in (None, kind_of(heard.message))
        ]

    def told(self) -> list[tuple[str, int, int]]:
        """Return the conditions the gateway heard, each once however often it was told."""
        found: list[tuple[str, int, int]] = []
        for heard in self.gateway.heard:
            message = heard.message
            if isinstance(message, Condition):
                told = (KIND_NAMES[message.kind], message.code, message.value)
                if not found or found[-1] != told:
                    found.append(told)
        return found

    def waits_for(self, kind: int, limit_s: float, since_us: int = 0) -> LoraHeard | None:
        """Return the first frame of `kind` that the gateway hears."""
        self.until(lambda: self.heard(kind, since_us), limit_s)
        found = self.heard(kind, since_us)
        return found[0] if found else None

    def level(self, name: str) -> int:
        """Return whether lamp or siren is on."""
        return next((level for _, what, level in reversed(self.changes) if what == name), 0)

    def blinks(self, seconds: float) -> list[int]:
        """Watch the lamp for a while; return the lengths of its light, ms, to the next 25."""
        since_us = self.now_us
        self.run(seconds)
        edges = [
            (at, level) for at, name, level in self.changes if name == "lamp" and at >= since_us
        ]
        return [
            25 * round((off - on) / 25_000)
            for (on, up), (off, down) in itertools.pairwise(edges)
            if up and not down
        ]

    def _watcher(self, name: str) -> Callable[[int], None]:
        return lambda level: self.changes.append((self.now_us, name, level))


def kind_of(message: Message) -> int:
    """Return the kind of a message."""
    return message.word() >> 20


def first_of(heard: LoraHeard) -> int:
    """Return the first counter of the incident that a frame names."""
    assert isinstance(heard.message, IncidentMessage)
    return ((heard.counter >> 4) - heard.message.block) << 4
