"""[[radio]]: a radio head behind a serial port, or an adapter of this machine that BlueZ serves."""

import re
from dataclasses import dataclass

from gateway.fields import Fields
from protocol.band import (
    DEFAULT_DBM,
    DEFAULT_HZ,
    DEFAULT_SF,
    HIGHEST_DBM,
    HIGHEST_HZ,
    LOWEST_HZ,
)

RADIO_HEAD = "radio_head"
BLUEZ = "bluez"
_ADAPTER = re.compile(r"hci\d{1,2}|[0-9A-F]{2}(:[0-9A-F]{2}){5}")


@dataclass(frozen=True, slots=True)
class LoraConfig:
    """The site's LoRa channel: carrier in Hz, spreading factor, power in dBm e.r.p. (SPEC 9)."""

    hz: int = DEFAULT_HZ
    sf: int = DEFAULT_SF
    dbm: int = DEFAULT_DBM


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """A radio head at `port`: a path, or a pattern such as /dev/serial/by-id/usb-Espressif*."""

    name: str
    port: str
    lora: LoraConfig


@dataclass(frozen=True, slots=True)
class BluezConfig:
    """An adapter of this machine: hci0, or its address, which stays where the name does not."""

    name: str
    adapter: str


RadioConfig = HeadConfig | BluezConfig


def read_radio(fields: Fields) -> RadioConfig:
    """Read one [[radio]]."""
    kind = fields.choice("type", (RADIO_HEAD, BLUEZ))
    radio = _read_bluez(fields) if kind == BLUEZ else _read_head(fields)
    fields.finish()
    return radio


def _read_head(fields: Fields) -> HeadConfig:
    return HeadConfig(
        name=fields.name("name", "head", "head"),
        port=fields.text("port", "/dev/serial/by-id/usb-Espressif*"),
        lora=LoraConfig(
            hz=fields.number("lora_hz", LOWEST_HZ, HIGHEST_HZ, DEFAULT_HZ, "band"),
            sf=fields.number("lora_sf", 7, 12, DEFAULT_SF),
            dbm=fields.number("lora_dbm", 0, HIGHEST_DBM, DEFAULT_DBM, "power"),
        ),
    )


def _read_bluez(fields: Fields) -> BluezConfig:
    name = fields.name("name", "bluetooth", "bluetooth")
    adapter = fields.text("adapter", "hci0", "hci0")
    if not _ADAPTER.fullmatch(adapter):
        fields.bad_form("adapter", "form.adapter", "hci0")
    return BluezConfig(name, adapter)
