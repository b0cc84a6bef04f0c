"""Fifty call boxes on one channel, pressed within one second: each runs the firmware from .mpy files.

They stand at random in a disc around one gateway, whose radio head hears and answers on the same channel:
its answers take airtime, look for activity and are lost like any frame. A frame counts as stored when the
gateway has heard it and committed; what people at a box are shown, comes with the answer.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from firmware.boards import esp32s3_lora
from firmware.core import records, settings, signs
from firmware.core.signs import LIGHT_MS
from protocol.kinds import EMERGENCY, STORED
from protocol.messages import IncidentMessage
from tools.virtual.chips import S3
from tools.virtual.device import Device
from tools.virtual.lora_peer import LoraHeard, LoraPeer
from tools.virtual.lora_radio import Packet
from tools.virtual.world import World

PINS = esp32s3_lora.CALL_BOX
RADIUS_M = 1_500.0
_LOSS_AT_1_M_DB, _EXPONENT = 31.2, 3.0  # free space at 868 MHz, then a built-up area
_COMMIT_US = 150_000  # serial line, a commit with its sync, and back
_SETTLE_S = 5.0  # the first heartbeats are under way; the counters in reserve are those of a start
_SECOND_US = 1_000_000
_STORED_LIGHT_US = LIGHT_MS[signs.STORED][0] * 900  # it blinks slower than a call that nobody has


@dataclass
class Call:
    """One press, in seconds from it; None: it never came."""

    on_air: float | None = None
    stored: float | None = None
    shown: float | None = None


class ManyBoxes:
    """A site. `press_all` presses each box once and waits until all are answered."""

    def __init__(self, log_dir: Path, firmware: Path, count: int, sf: int, seed: int) -> None:
        """Provision `count` boxes that run what lies in `firmware`."""
        self.world = World(log_dir, seed=seed, loss=0.0, firmware=firmware)
        self._chance = random.Random(f"site {seed}")
        names = [f"box-{number}" for number in range(count)]
        keys = {name: self._chance.randbytes(16) for name in names}
        self.gateway = LoraPeer(self.world, keys, range(512), "gateway")
        self.gateway.tune(sf)
        self.gateway.on_heard = self._heard
        self.world.lora.on_air = self._on_air
        self.calls = {name: Call() for name in names}
        self._pressed_us: dict[str, int] = {}
        self._boxes = {name: self._box(name, keys[name], sf) for name in names}
        self._place([*names, "gateway"])
        self.frames = 0

    def press_all(self, limit_s: float) -> list[Call]:
        """Press every button within one second; return what became of each."""
        for box in self._boxes.values():
            box.power_on()
        self.world.run_for(_SETTLE_S)
        self.frames = 0
        for name, box in self._boxes.items():
            after_us = self._chance.randrange(_SECOND_US)
            self.world.clock.after(after_us, partial(self._press, name, box))
        self.world.run_until(self._all_shown, limit_s)
        self.world.close()
        return list(self.calls.values())

    def _box(self, name: str, key: bytes, sf: int) -> Device:
        device = self.world.device(name, S3)
        if PINS.lora is None:
            raise ValueError("a board without LoRa")
        device.fit_lora(PINS.lora)
        stored: dict[str, int | str] = {"role": "call_box", "board": "esp32s3_lora", "lora_sf": sf}
        for copy in settings.NAMES:
            device.nvs.set("tocsin", copy, "blob", settings.pack(stored))
        device.nvs.set("tocsin", "secret", "blob", records.pack_secret(key, 0))
        for loop in (PINS.tamper, PINS.cabinet):
            device.drive(loop, 0)
        device.watch(PINS.lamp, self._lamp(name))
        return device

    def _place(self, names: list[str]) -> None:
        places = {name: self._chance.uniform(0, 2 * math.pi) for name in names}
        at = {
            name: complex(math.cos(angle), math.sin(angle))
            * RADIUS_M
            * math.sqrt(self._chance.random())
            for name, angle in places.items()
        }
        at["gateway"] = 0j
        for i, one in enumerate(names):
            for other in names[:i]:
                distance_m = max(abs(at[one] - at[other]), 10.0)
                loss_db = _LOSS_AT_1_M_DB + 10 * _EXPONENT * math.log10(distance_m)
                self.world.lora.set_path_loss(one, other, loss_db)

    def _press(self, name: str, box: Device) -> None:
        self._pressed_us[name] = self.world.clock.now_us
        box.drive(PINS.buttons[0], 0)
        release = partial(box.drive, PINS.buttons[0], 1)
        self.world.clock.after(300_000, release)

    def _since_press(self, name: str) -> float | None:
        pressed_us = self._pressed_us.get(name)
        return None if pressed_us is None else (self.world.clock.now_us - pressed_us) / _SECOND_US

    def _on_air(self, packet: Packet) -> None:
        self.frames += 1
        call = self.calls.get(packet.sender.name)
        if call is not None and call.on_air is None:
            call.on_air = self._since_press(packet.sender.name)

    def _heard(self, heard: LoraHeard) -> None:
        self.world.clock.after(_COMMIT_US, partial(self._committed, heard))

    def _committed(self, heard: LoraHeard) -> None:
        call, message = self.calls[heard.device], heard.message
        alert = isinstance(message, IncidentMessage) and message.kind == EMERGENCY
        if alert and call.stored is None:
            call.stored = self._since_press(heard.device)
        self.gateway.answer(STORED, heard.device, heard.counter)

    def _lamp(self, name: str) -> Callable[[int], None]:
        """Return what watches a lamp: its first long light says that the call is stored."""
        lit_us = 0

        def watch(level: int) -> None:
            nonlocal lit_us
            now_us, call = self.world.clock.now_us, self.calls[name]
            if level:
                lit_us = now_us
            elif now_us - lit_us >= _STORED_LIGHT_US and call.shown is None:
                since = self._since_press(name)
                call.shown = None if since is None else since - (now_us - lit_us) / _SECOND_US

        return watch

    def _all_shown(self) -> bool:
        return all(call.shown is not None for call in self.calls.values())
