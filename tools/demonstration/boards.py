"""Virtual boards as provisioning leaves them: settings and secret in flash, enrolled at the gateway."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyrage

from firmware.core import records, settings
from tools.virtual.chips import C3, S3
from tools.virtual.device import Device
from tools.virtual.wearer import Wearer
from tools.virtual.world import World

MAIN_CONTACT = 3
SECOND_CONTACT = 4
_MOTOR = 6
_NAMESPACE = "tocsin"
HOLD_MS = 800
CANCEL_MS = 5_000
HEARTBEAT_S = 900


@dataclass(slots=True)
class VirtualButton:
    """A panic button, and the hand that wears it."""

    device: Device
    wearer: Wearer
    key: bytes = field(repr=False)
    heartbeat_s: int
    in_range: bool = True

    @property
    def name(self) -> str:
        """Its device id."""
        return self.device.name


def panic_button(world: World, name: str, heartbeat_s: int = HEARTBEAT_S) -> VirtualButton:
    """Return a button with a new key, without power."""
    device = world.device(name, C3)
    key = secrets.token_bytes(16)
    values: dict[str, int | str] = {
        "role": "panic_button",
        "board": "esp32c3_devkit",
        "hold_ms": HOLD_MS,
        "cancel_ms": CANCEL_MS,
        "heartbeat_s": heartbeat_s,
    }
    device.nvs.set(_NAMESPACE, "settings", "blob", settings.pack(values))
    device.nvs.set(_NAMESPACE, "secret", "blob", records.pack_secret(key, 0))
    wearer = Wearer(lambda: world.clock.now_us)
    device.watch(_MOTOR, wearer.motor)
    return VirtualButton(device, wearer, key, heartbeat_s)


def radio_head(world: World) -> Device:
    """Return a radio head without power. It has settings and no key."""
    device = world.device("head", S3)
    values: dict[str, int | str] = {"role": "radio_head", "board": "esp32s3_devkit"}
    device.nvs.set(_NAMESPACE, "settings", "blob", settings.pack(values))
    return device


def write_enrolment(button: VirtualButton, place: str, recipient: str, path: Path) -> None:
    """Write what a gateway is to know of `button`, encrypted to the gateway's age `recipient`."""
    enrolment = {
        "id": button.name,
        "key": button.key.hex(),
        "role": "button",
        "label": button.name,
        "place": place,
        "heartbeat_s": button.heartbeat_s,
        "counter": 0,
        "date": datetime.now(UTC).date().isoformat(),
    }
    gateway = pyrage.x25519.Recipient.from_str(recipient)
    path.write_bytes(pyrage.encrypt(json.dumps(enrolment).encode(), [gateway]))
