"""Power cut at random moments, thousands of times: no counter may name two byte strings.

A button and a call box live in one virtual world. Each is started, pressed or not, answered or not, and
loses its power or is reset at whatever moment: during the start, on air, in the middle of a write of flash.
Everything either radio was told to put on air is kept, heard or not.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from firmware.boards import esp32c3_devkit, esp32s3_lora
from firmware.core import records, settings
from protocol.advert import from_advert
from protocol.bulk import hint_blocks
from protocol.constants import HINT_LEN, UP
from protocol.errors import ProtocolError
from protocol.keys import Keys
from protocol.kinds import ACKNOWLEDGED, DELIVERED, STORED
from tools.virtual.ble_air import Report
from tools.virtual.chips import C3, S3
from tools.virtual.device import WDT_RESET, Device
from tools.virtual.lora_peer import LoraPeer
from tools.virtual.lora_radio import Packet
from tools.virtual.peer import Peer
from tools.virtual.world import World

_COUNTERS_A_CUT = 112  # 80 in reserve, and the multiples of 16 that presses skip to
_LONGEST_S = 4.0  # between start and cut
_ANSWERS = (None, STORED, DELIVERED, ACKNOWLEDGED)


@dataclass
class Seen:
    """What was put on air, by counter; `reused` are counters of two byte strings."""

    counter_of: dict[bytes, int]
    frames: dict[int, bytes] = field(default_factory=dict)
    reused: set[int] = field(default_factory=set)
    unknown: int = 0

    def note(self, frame: bytes) -> None:
        """Take a frame."""
        counter = self.counter_of.get(frame[:HINT_LEN])
        if counter is None:
            self.unknown += 1
        elif self.frames.setdefault(counter, frame) != frame:
            self.reused.add(counter)


class Victim:
    """A device that loses its power; `act` is what people do to it in a life."""

    def __init__(self, device: Device, key: bytes, cuts: int) -> None:
        """Provision `device` with `key`."""
        self.device = device
        count = cuts * _COUNTERS_A_CUT
        blocks = hint_blocks(Keys(key).up_hint, UP, 0, count)
        self.seen = Seen({blocks[16 * i : 16 * i + HINT_LEN]: i for i in range(count)})
        self._advertise = device.radio.advertise
        device.radio.advertise = self._on_ble  # type: ignore[method-assign]
        device.nvs.set("tocsin", "secret", "blob", records.pack_secret(key, 0))

    def _on_ble(self, interval_us: int, advert: Report) -> None:
        try:
            self.seen.note(from_advert(advert.data))
        except ProtocolError:
            self.seen.unknown += 1
        self._advertise(interval_us, advert)


class PowerCuts:
    """One world with one device of each kind; `run` cuts power `cuts` times in all."""

    def __init__(self, scratch: Path, button: Path, call_box: Path, seed: int, cuts: int) -> None:
        """`button` and `call_box` are their firmware's trees."""
        self._chance = random.Random(f"cuts {seed}")
        self._cuts = cuts
        self._worlds = (
            World(scratch, seed=seed, loss=0.3, firmware=button),
            World(scratch, seed=seed, loss=0.3, firmware=call_box),
        )
        keys = self._chance.randbytes(16), self._chance.randbytes(16)
        self.button = self._a_button(keys[0])
        self.call_box = self._a_call_box(keys[1])

    def run(self) -> Iterator[Seen]:
        """Cut until it is enough; yield what each device has put on air."""
        for _ in range(self._cuts - self._cuts // 2):
            self._life(self._worlds[0], self.button.device, self._press_button)
        for _ in range(self._cuts // 2):
            self._life(self._worlds[1], self.call_box.device, self._use_call_box)
        for world in self._worlds:
            world.close()
        yield self.button.seen
        yield self.call_box.seen

    def _a_button(self, key: bytes) -> Victim:
        world = self._worlds[0]
        victim = Victim(world.device("button", C3), key, self._cuts)
        _settle(victim.device, {"role": "panic_button", "board": "esp32c3_devkit"})
        self._ble = Peer(world, key, range(self._cuts * _COUNTERS_A_CUT))
        return victim

    def _a_call_box(self, key: bytes) -> Victim:
        world = self._worlds[1]
        victim = Victim(world.device("call-box", S3), key, self._cuts)
        if esp32s3_lora.CALL_BOX.lora is None:
            raise ValueError("a board without LoRa")
        victim.device.fit_lora(esp32s3_lora.CALL_BOX.lora)
        _settle(victim.device, {"role": "call_box", "board": "esp32s3_lora", "lora_sf": 7})
        self._lora = LoraPeer(world, {"call-box": key}, range(self._cuts * _COUNTERS_A_CUT))
        self._lora.tune(7)

        def on_air(packet: Packet) -> None:
            if packet.sender.name == "call-box":
                victim.seen.note(packet.payload)

        world.lora.on_air = on_air
        return victim

    def _life(self, world: World, device: Device, use: Callable[[World], None]) -> None:
        self._ble.answer_op = self._lora.answer_op = self._chance.choice(_ANSWERS)
        device.power_on()
        world.run_for(self._chance.uniform(0.0, _LONGEST_S / 2))
        if self._chance.random() < 0.7:
            use(world)
        world.run_for(self._chance.uniform(0.0, _LONGEST_S / 2))
        if self._chance.random() < 0.3:
            device._start(WDT_RESET, 0)  # noqa: SLF001  RTC memory stays
        else:
            device.power_cut()

    def _press_button(self, world: World) -> None:
        _hold(world, self.button.device, esp32c3_devkit.PANIC_BUTTON.contact_main, self._some_s())

    def _use_call_box(self, world: World) -> None:
        pins, device = esp32s3_lora.CALL_BOX, self.call_box.device
        if self._chance.random() < 0.2:
            device.drive(pins.tamper, 1)
        _hold(world, device, pins.buttons[0], self._some_s() / 4)
        device.drive(pins.tamper, 0)

    def _some_s(self) -> float:
        return self._chance.uniform(0.05, 2.0)


def _hold(world: World, device: Device, contact: int, seconds: float) -> None:
    device.drive(contact, 0)
    world.run_for(seconds)
    device.drive(contact, 1)


def _settle(device: Device, values: dict[str, int | str]) -> None:
    for copy in settings.NAMES:
        device.nvs.set("tocsin", copy, "blob", settings.pack(values))
