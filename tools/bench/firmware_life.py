"""Weeks in the life of each program: heartbeats as they come, alerts answered at once, late or never.

A life runs on the virtual bench with the unmodified firmware. It raises `Unlived` where the program said
something on its console, or a gateway missed what it should have heard: so shows a heap that is too small.
"""

import random
from collections.abc import Callable, Iterable
from pathlib import Path

from firmware.boards import esp32c3_devkit, esp32c3_lora, esp32s3_devkit, esp32s3_lora
from firmware.core import records, settings
from protocol.advert import to_advert
from protocol.kinds import ACKNOWLEDGED, CLOSED, COVERED, LIGHT, SIREN, STORED
from protocol.link_messages import BLE, LORA, HelloRequest, LinkMessage, Ping, Received, Transmit
from protocol.messages import IncidentMessage, Message
from protocol.serial_link import SerialLink, to_wire
from tools.firmware_closure import chip_of
from tools.virtual.ble_air import ADV_SCAN_IND, BleRadio, Report
from tools.virtual.chips import CHIPS
from tools.virtual.device import Power
from tools.virtual.line import DeviceDied
from tools.virtual.lora_peer import LoraPeer
from tools.virtual.lora_signal import channel
from tools.virtual.peer import Peer
from tools.virtual.world import World

BOARDS = {
    "esp32c3_devkit": esp32c3_devkit,
    "esp32c3_lora": esp32c3_lora,
    "esp32s3_devkit": esp32s3_devkit,
    "esp32s3_lora": esp32s3_lora,
}
DAY_S = 86_400.0
_KEY = bytes(range(16))
_COUNTERS = range(1 << 15)
_BATTERY_MV = 3_900.0
_MEASURE = ("base ", "heap ", "qstr pool: ")


class Unlived(Exception):
    """The program did not do what it is for; says what was seen."""


class Life:
    """One board under power. `alerts` are raised and `days` passed so far."""

    role = ""

    def __init__(self, world: World, logs: Path, board: str, **values: int | str) -> None:
        """Provision `board`, with default settings but for `values`, and give it power."""
        self.world = world
        self.device = world.device(self.role, CHIPS[chip_of(board)])
        self.log = logs / f"{self.role}.log"
        self.pins = getattr(BOARDS[board], self.role.upper())
        if self.pins.lora is not None:
            self.device.fit_lora(self.pins.lora)
        stored = settings.pack({"role": self.role, "board": board, **values})
        for key in ("settings", "settings2"):
            self.device.nvs.set("tocsin", key, "blob", stored)
        self.device.nvs.set("tocsin", "secret", "blob", records.pack_secret(_KEY, 0))
        self.alerts = 0
        self.prepare()
        self.device.power_on()

    def prepare(self) -> None:
        """Connect what is around the board."""

    def alert(self) -> None:
        """Raise an alert and see it through."""

    def live(self, days: float, alerts: int) -> None:
        """Pass `days` with so many alerts, evenly spread; raise `Unlived`."""
        try:
            begun_us = self.world.clock.now_us
            for number in range(alerts):
                self._pass_until(begun_us + round((number + 0.5) * days / alerts * DAY_S * 1e6))
                self.alert()
                self.alerts += 1
                self._look()
            self._pass_until(begun_us + round(days * DAY_S * 1e6))
            self._look()
        except DeviceDied as error:
            raise self.unlived(str(error)) from error

    def expect(self, happened: Callable[[], object], limit_s: float, what: str) -> None:
        """Wait for something that must happen."""
        if not self.world.run_until(lambda: bool(happened()), limit_s):
            raise self.unlived(what)

    def unlived(self, what: str) -> Unlived:
        """Return what the program said, or else what is missing."""
        return Unlived(self._said() or what)

    def press(self, gpio: int, seconds: float) -> None:
        """Close a contact for a while."""
        self.device.drive(gpio, 0)
        self.world.run_for(seconds)
        self.device.drive(gpio, 1)

    def measured(self) -> list[str]:
        """Return the lines of `heap_on_micropython`."""
        return [line for line in self._lines() if line.startswith(_MEASURE)]

    def _pass_until(self, at_us: int) -> None:
        self.world.run_for(max(0, at_us - self.world.clock.now_us) / 1e6)

    def _look(self) -> None:
        if said := self._said():
            raise Unlived(said)

    def _said(self) -> str:
        return "\n".join(line for line in self._lines() if not line.startswith(_MEASURE))

    def _lines(self) -> list[str]:
        return self.log.read_text().splitlines()


class ButtonLife(Life):
    """A worn button. Every fifth alert is heard late, another fifth is withdrawn."""

    role = "panic_button"

    def prepare(self) -> None:
        """A gateway in reach, and a battery."""
        self.gateway = Peer(self.world, _KEY, _COUNTERS)
        self.gateway.answer_op = STORED
        self.device.analog.sources[self.pins.battery.adc] = lambda: _BATTERY_MV / 2

    def alert(self) -> None:
        """Press; before some, ask for cover, or make a visit."""
        if self.alerts % 3 == 0:
            self.press(self.pins.contact_main, 0.2)
            self._ends()
        if self.alerts % 4 == 0:
            self.press(self.pins.contact_second, 0.2)
            self.world.run_for(60)
            self.press(self.pins.contact_second, 5.3)
            self._ends()
        before = len(self.gateway.heard)
        late, withdrawn = self.alerts % 5 == 0, self.alerts % 5 == 1
        self.gateway.answer_op = None if late else STORED
        self.press(self.pins.contact_main, 5.3 if withdrawn else 0.9)
        self.world.run_for(120 if late else 5)
        self.gateway.answer_op = STORED if withdrawn else ACKNOWLEDGED
        self._ends()
        self.gateway.answer_op = STORED
        if not _incidents(heard.message for heard in self.gateway.heard[before:]):
            raise self.unlived("no alert was heard")

    def _ends(self) -> None:
        self.expect(lambda: self.device.power is Power.SLEEPING, 900, "the button never slept")


class BoxLife(Life):
    """A call box on the mains. Every fifth alert is heard late; loops open and the mains fail meanwhile.

    A second gateway hears it by BLE. Some alerts are followed by commands, under a storm of strangers.
    """

    role = "call_box"

    def prepare(self) -> None:
        """A gateway in reach, whole loops, the mains and a full battery."""
        self.gateway = LoraPeer(self.world, {self.role: _KEY}, _COUNTERS)
        self.gateway.answer_op = STORED
        Peer(self.world, _KEY, _COUNTERS).answer_op = STORED
        self._stranger = self.world.lora.radio("stranger")
        self._stranger.modulation = channel(9)
        self._rng = random.Random(self.role)
        for loop in (self.pins.tamper, self.pins.cabinet):
            self.device.drive(loop, 0)
        self.device.analog.sources[self.pins.battery.adc] = lambda: _BATTERY_MV / 2

    def alert(self) -> None:
        """Press, or open the tamper loop; before some, the mains fail or the cabinet stands open."""
        if self.alerts % 3 == 0:
            self._for_a_minute(self.pins.mains, self.alerts % 2)
            self._for_a_minute(self.pins.cabinet, 1)
        before = len(self.gateway.heard)
        self.gateway.answer_op = None if self.alerts % 5 == 0 else STORED
        if self.alerts % 5 == 4:
            self._for_a_minute(self.pins.tamper, 1)
        else:
            self.press(self.pins.buttons[0], 0.3)
        self.expect(lambda: self._heard(before), 120, "no alert was heard")
        self.world.run_for(120)
        self.gateway.answer_op = STORED
        for op in (ACKNOWLEDGED, CLOSED):
            self.world.run_for(20)
            self.gateway.answer(op, self.role, self.gateway.heard[-1].counter)
        if self.alerts % 5 in (1, 4):
            self._command()
        self.world.run_for(60)

    def _command(self) -> None:
        """Have its siren and its light switched on, while strangers fill the channel."""
        for number, op in enumerate((SIREN, LIGHT)):
            for _ in range(12):
                self._stranger.transmit(self._rng.randbytes(self._rng.choice((15, 40))), 14.0)
                self.world.run_for(1)
            self.gateway.answer_arg = 5
            counter = self.gateway.heard[-1].counter
            self.gateway.answer(op, self.role, counter, (2 * self.alerts + number) % 7 + 1)
            self.world.run_for(10)
        self.gateway.answer_arg = COVERED

    def _heard(self, before: int) -> int:
        return _incidents(heard.message for heard in self.gateway.heard[before:])

    def _for_a_minute(self, gpio: int, level: int) -> None:
        self.device.drive(gpio, level)
        self.world.run_for(60)
        self.device.drive(gpio, 1 - level)
        self.world.run_for(60)


class HeadLife(Life):
    """A radio head. An alert is one of its busy minutes: frames heard and answered, and a noisy line."""

    role = "radio_head"

    def prepare(self) -> None:
        """A gateway on the line, devices and strangers on both airs."""
        self.rng = random.Random(self.role)
        self._line = SerialLink()
        self.said: list[LinkMessage] = []
        self.device.on_uart = self._received
        self._near = self.world.ble.radio("device", lambda _report: None)
        self._far = self.world.ble.radio("stranger", lambda _report: None)
        self._lora = self.world.lora.radio("lora device")
        self._lora.modulation = channel(9)

    def alert(self) -> None:
        """Pass a busy minute."""
        self.said.clear()
        for number in range(6):
            self._busy(number)
        media = {message.medium for message in self.said if isinstance(message, Received)}
        if media != ({BLE, LORA} if self.pins.lora is not None else {BLE}):
            raise self.unlived(f"only media {media} were heard")

    def _busy(self, number: int) -> None:
        rng = self.rng
        self._advertise(self._near, bytes(to_advert(rng.randbytes(15))))
        self._advertise(self._far, rng.randbytes(31))
        self._lora.transmit(rng.randbytes(rng.choice((15, 15, 40))), 14.0)
        for medium in (BLE, LORA):
            self._say(Transmit(number, number, medium, 0, 400, rng.randbytes(15)))
        self._say(Ping(number), HelloRequest())
        self.device.uart_feed(rng.randbytes(40) + b"\0")
        self.world.run_for(1)
        self._near.stop_advertising()
        self._far.stop_advertising()
        self.world.run_for(4)

    def _advertise(self, radio: BleRadio, payload: bytes) -> None:
        radio.advertise(60_000, Report(0, bytes(6), ADV_SCAN_IND, 0, payload))

    def _say(self, *messages: LinkMessage) -> None:
        self.device.uart_feed(b"".join(map(to_wire, messages)))

    def _received(self, data: bytes) -> None:
        self._line.feed(data)
        while (message := self._line.take()) is not None:
            self.said.append(message)


def _incidents(messages: Iterable[Message]) -> int:
    return sum(isinstance(message, IncidentMessage) for message in messages)
