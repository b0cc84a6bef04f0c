"""A radio head in a virtual world, and the gateway's end of its serial line."""

from pathlib import Path
from typing import Self, TypeVar

from firmware.core import settings
from protocol import link_messages
from protocol.link_messages import LinkMessage
from protocol.serial_link import SerialLink, to_wire
from tools.virtual.ble_air import ADV_SCAN_IND, BleRadio, Report
from tools.virtual.chips import S3
from tools.virtual.world import World

_M = TypeVar("_M", bound=LinkMessage)
ADDRESS = bytes.fromhex("c0ffee000003")


class Wired:
    """One head. `messages` is all it said, `on_air` what a listener heard of it."""

    def __init__(
        self, log_dir: Path, *, loss: float = 0.0, micropython_argv: list[str] | None = None
    ) -> None:
        """Give it power and wait for its hello."""
        self.world = World(log_dir, loss=loss, micropython_argv=micropython_argv)
        self.device = self.world.device("head", S3)
        stored: dict[str, int | str] = {"role": "radio_head", "board": "esp32s3_devkit"}
        self.device.nvs.set("tocsin", "settings", "blob", settings.pack(stored))
        self.log = log_dir / "head.log"
        self.link = SerialLink()
        self.messages: list[LinkMessage] = []
        self.on_air: list[tuple[int, bytes]] = []
        self.device.on_uart = self._received
        self.listener = self.world.ble.radio(
            "listener",
            lambda report: self.on_air.append((self.world.clock.now_us, report.data)),
        )
        self.listener.scan(30_000, 30_000)
        self.device.power_on()
        self.world.run_for(1.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    def say(self, *messages: LinkMessage) -> None:
        self.device.uart_feed(b"".join(to_wire(message) for message in messages))

    def said(self, kind: type[_M]) -> list[_M]:
        return [message for message in self.messages if isinstance(message, kind)]

    def transmit(self, ident: int, slot: int, frame: bytes, ms: int = 400) -> None:
        self.say(link_messages.Transmit(ident, slot, link_messages.BLE, 0, ms, frame))

    def done(self) -> list[tuple[int, int]]:
        return [(done.id, done.status) for done in self.said(link_messages.Done)]

    def advertiser(self, name: str, payload: bytes, interval_us: int = 100_000) -> BleRadio:
        """Return a radio that advertises `payload` beside the head."""
        radio = self.world.ble.radio(name, lambda _report: None)
        radio.advertise(interval_us, Report(0, ADDRESS, ADV_SCAN_IND, 0, payload))
        return radio

    def _received(self, data: bytes) -> None:
        self.link.feed(data)
        while (message := self.link.take()) is not None:
            self.messages.append(message)
