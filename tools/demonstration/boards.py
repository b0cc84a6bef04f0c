"""Virtual boards as provisioning leaves them: settings and secret in flash, enrolled at the gateway."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pyrage

from firmware.boards import esp32c3_lora, esp32s3_lora
from firmware.boards.pins import LoraPins
from firmware.core import records, settings
from tools.flashed import flashed
from tools.virtual.bystander import Bystander
from tools.virtual.chips import C3, S3
from tools.virtual.device import Device
from tools.virtual.sx1262 import Sx1262
from tools.virtual.wearer import Wearer
from tools.virtual.world import World

MAIN_CONTACT = 3
SECOND_CONTACT = 4
BUTTON_BOARD = "esp32c3_devkit"
LORA_BUTTON_BOARD = "esp32c3_lora"  # the same pins, and LoRa
_MOTOR = 6
_BATTERY_ADC = 0  # behind a divider by two
_FRESH_BATTERY_MV = 3_000
_BOX_BOARD = "esp32s3_lora"
_BOX_PINS = esp32s3_lora.CALL_BOX
_BOX_BATTERY_ADC = 1  # behind a divider by two
_BOX_BATTERY_MV = 4_100
_BOX_HEARTBEAT_S = 300
CALL_CONTACT = _BOX_PINS.buttons[0]
_NAMESPACE = "tocsin"
HOLD_MS = 800
VISIT_MIN = 5
CANCEL_MS = 5_000
HEARTBEAT_S = 900


class Enrollable(Protocol):
    """What a gateway is told of a device."""

    role: str
    key: bytes
    heartbeat_s: int

    @property
    def name(self) -> str:
        """Its device id."""


@dataclass(slots=True)
class Provisioned:
    """A device with a key of its own, as provisioning leaves it."""

    device: Device
    role: str
    key: bytes = field(repr=False)
    heartbeat_s: int

    @property
    def name(self) -> str:
        """Its device id."""
        return self.device.name


@dataclass(slots=True)
class VirtualButton(Provisioned):
    """A panic button, and the hand that wears it."""

    wearer: Wearer
    in_range: bool = True  # of BLE


@dataclass(slots=True)
class VirtualCallBox(Provisioned):
    """A call box, and who stands before it."""

    lora: Sx1262
    bystander: Bystander


def panic_button(
    world: World,
    name: str,
    heartbeat_s: int = HEARTBEAT_S,
    board: str = BUTTON_BOARD,
    cancel_ms: int = CANCEL_MS,
) -> VirtualButton:
    """Return a button with a new key, without power."""
    device = world.device(name, C3, firmware=flashed("panic_button"))
    if board == LORA_BUTTON_BOARD:
        _fit_lora(device, esp32c3_lora.PANIC_BUTTON.lora)
    values: dict[str, int | str] = {
        "role": "panic_button",
        "board": board,
        "second": "-veh-",  # hold-up, and a visit: two taps begin it, three end it
        "visit_min": VISIT_MIN,
        "hold_ms": HOLD_MS,
        "cancel_ms": cancel_ms,
        "heartbeat_s": heartbeat_s,
    }
    key = _provision(device, values)
    device.analog.sources[_BATTERY_ADC] = lambda: _FRESH_BATTERY_MV / 2
    wearer = Wearer(lambda: world.clock.now_us)
    device.watch(_MOTOR, wearer.motor)
    return VirtualButton(device, "button", key, heartbeat_s, wearer)


def call_box(world: World, name: str) -> VirtualCallBox:
    """Return a box with a new key, closed and on the mains, without power."""
    device = world.device(name, S3, firmware=flashed("call_box"))
    lora = _fit_lora(device, _BOX_PINS.lora)
    values: dict[str, int | str] = {
        "role": "call_box",
        "board": _BOX_BOARD,
        "chemistry": "lipo",
        "heartbeat_s": _BOX_HEARTBEAT_S,
    }
    key = _provision(device, values)
    device.analog.sources[_BOX_BATTERY_ADC] = lambda: _BOX_BATTERY_MV / 2
    for loop in (_BOX_PINS.tamper, _BOX_PINS.cabinet):
        device.drive(loop, 0)  # whole
    bystander = Bystander(world.clock)
    device.watch(_BOX_PINS.lamp, bystander.lamp)
    device.watch(_BOX_PINS.siren, bystander.sounder)
    return VirtualCallBox(device, "call_box", key, _BOX_HEARTBEAT_S, lora, bystander)


def radio_head(world: World, name: str = "head") -> Device:
    """Return a radio head for BLE and LoRa, without power. It has settings and no key."""
    device = world.device(name, S3, firmware=flashed("radio_head"))
    _fit_lora(device, esp32s3_lora.RADIO_HEAD.lora)
    _write_settings(device, {"role": "radio_head", "board": "esp32s3_lora"})
    return device


def write_enrolment(device: Enrollable, place: str, recipient: str, path: Path) -> None:
    """Write what a gateway is to know of `device`, encrypted to the gateway's age `recipient`."""
    enrolment = {
        "id": device.name,
        "key": device.key.hex(),
        "role": device.role,
        "label": device.name,
        "place": place,
        "heartbeat_s": device.heartbeat_s,
        "counter": 0,
        "date": datetime.now(UTC).date().isoformat(),
    }
    gateway = pyrage.x25519.Recipient.from_str(recipient)
    path.write_bytes(pyrage.encrypt(json.dumps(enrolment).encode(), [gateway]))


def _provision(device: Device, values: dict[str, int | str]) -> bytes:
    """Write settings and a new key; return the key."""
    key = secrets.token_bytes(16)
    _write_settings(device, values)
    device.nvs.set(_NAMESPACE, "secret", "blob", records.pack_secret(key, 0))
    return key


def _write_settings(device: Device, values: dict[str, int | str]) -> None:
    for copy in ("settings", "settings2"):
        device.nvs.set(_NAMESPACE, copy, "blob", settings.pack(values))


def _fit_lora(device: Device, pins: LoraPins | None) -> Sx1262:
    if pins is None:
        raise ValueError("the pin map has no LoRa")
    return device.fit_lora(pins)
