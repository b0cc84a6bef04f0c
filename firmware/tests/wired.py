"""A radio head in a virtual world, and the gateway's end of its serial line."""

from pathlib import Path
from typing import Self, TypeVar

from firmware.boards import esp32s3_lora, lilygo_t3s3
from firmware.core import settings
from protocol import link_messages
from protocol.link_messages import LinkMessage
from protocol.serial_link import SerialLink, to_wire
from tools.flashed import flashed
from tools.virtual.ble_air import ADV_SCAN_IND, BleRadio, Report
from tools.virtual.chips import C3, S3
from tools.virtual.lora_radio import Packet, Reception
from tools.virtual.lora_signal import channel
from tools.virtual.world import World

_M = TypeVar("_M", bound=LinkMessage)
LORA_PINS = {
    "esp32s3_lora": esp32s3_lora.RADIO_HEAD.lora,
    "lilygo_t3s3": lilygo_t3s3.RADIO_HEAD.lora,
}
ROOT = Path(__file__).parents[2]
ADDRESS = bytes.fromhex("c0ffee000003")


class Wired:
    """One head. `messages` is all it said, `on_air` what a listener heard of it."""

    def __init__(
        self,
        log_dir: Path,
        *,
        board: str = "esp32s3_devkit",
        loss: float = 0.0,
        firmware: Path | None = None,
        main: Path | None = None,
        micropython_argv: list[str] | None = None,
    ) -> None:
        """Give it power and wait for its hello; `firmware` is what it has in flash, `main` what is started.

        It runs what is flashed, and a `main` of a test the sources. An interpreter that is named is one
        of 32 bits.
        """
        self.world = World(log_dir, loss=loss, micropython_argv=micropython_argv)
        tree = firmware or (
            ROOT if main else flashed("radio_head", "x86" if micropython_argv else "x64")
        )
        chip = C3 if board.startswith("esp32c3") else S3
        self.device = self.world.device("head", chip, main, firmware=tree)
        stored: dict[str, int | str] = {"role": "radio_head", "board": board}
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
        pins = LORA_PINS.get(board)
        self.chip = None if pins is None else self.device.fit_lora(pins)
        self.lora_packets: list[Packet] = []  # of the head, at their begin
        self.world.lora.on_air = self._on_lora
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

    def send_lora(
        self, ident: int, slot: int, frame: bytes, *, flags: int = 0, ms: int = 0
    ) -> None:
        self.say(link_messages.Transmit(ident, slot, link_messages.LORA, flags, ms, frame))

    def done(self) -> list[tuple[int, int]]:
        return [(done.id, done.status) for done in self.said(link_messages.Done)]

    def advertiser(self, name: str, payload: bytes, interval_us: int = 100_000) -> BleRadio:
        """Return a radio that advertises `payload` beside the head."""
        radio = self.world.ble.radio(name, lambda _report: None)
        self.advertise(radio, payload, interval_us)
        return radio

    @staticmethod
    def advertise(radio: BleRadio, payload: bytes, interval_us: int = 100_000) -> None:
        radio.advertise(interval_us, Report(0, ADDRESS, ADV_SCAN_IND, 0, payload))

    def _on_lora(self, packet: Packet) -> None:
        if packet.sender.name == "head":
            self.lora_packets.append(packet)

    def _received(self, data: bytes) -> None:
        self.link.feed(data)
        while (message := self.link.take()) is not None:
            self.messages.append(message)


class Station:
    """Another LoRa radio on the site's channel: what it sends, and what it understood."""

    def __init__(self, wired: Wired, name: str = "station", sf: int = 9) -> None:
        self.world = wired.world
        self.heard: list[tuple[int, bytes]] = []
        self.radio = wired.world.lora.radio(name)
        self.radio.modulation = channel(sf)
        self.radio.on_packet = self._on_packet
        self.radio.on_sent = self.radio.listen
        self.radio.listen()

    def send(self, payload: bytes, dbm: float = 14.0) -> None:
        self.radio.transmit(payload, dbm)

    def _on_packet(self, reception: Reception) -> None:
        if reception.whole:
            self.heard.append((self.world.clock.now_us, reception.payload))
