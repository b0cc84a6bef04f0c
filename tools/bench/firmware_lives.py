"""What the three programs do all day: heartbeats as they come, alerts answered at once, late or never."""

import random
from collections.abc import Iterable
from functools import partial

from protocol.advert import to_advert
from protocol.kinds import ACKNOWLEDGED, CLOSED, COVERED, LIGHT, SIREN, STORED
from protocol.link_messages import BLE, LORA, HelloRequest, LinkMessage, Ping, Received, Transmit
from protocol.messages import IncidentMessage, Message
from protocol.serial_link import SerialLink, to_wire
from tools.bench.firmware_life import KEY, Life
from tools.virtual.ble_air import ADV_SCAN_IND, BleRadio, Report
from tools.virtual.device import Power
from tools.virtual.lora_peer import LoraPeer
from tools.virtual.lora_signal import channel
from tools.virtual.peer import Peer

_COUNTERS = range(1 << 15)
_BATTERY_MV = 3_900.0
_TRIES = 5  # to give a command
_CHIRP_US = 1_000_000  # at most: the siren of an alert sounds longer


class ButtonLife(Life):
    """A worn button. Every fifth alert is heard late, another fifth is withdrawn."""

    role = "panic_button"

    def prepare(self) -> None:
        """A gateway in reach, and a battery."""
        self.gateway = Peer(self.world, KEY, _COUNTERS)
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

    A second gateway hears it by BLE. Some alerts are followed by commands, under a storm of strangers. Each
    command is to be done, and after two days a self-test.
    """

    role = "call_box"

    def prepare(self) -> None:
        """A gateway in reach, whole loops, the mains and a full battery."""
        self.gateway = LoraPeer(self.world, {self.role: KEY}, _COUNTERS)
        self.gateway.answer_op = STORED
        Peer(self.world, KEY, _COUNTERS).answer_op = STORED
        self._stranger = self.world.lora.radio("stranger")
        self._stranger.modulation = channel(9)
        self._rng = random.Random(self.role)
        for loop in (self.pins.tamper, self.pins.cabinet):
            self.device.drive(loop, 0)
        self.device.analog.sources[self.pins.battery.adc] = lambda: _BATTERY_MV / 2
        self._orders = 0
        self._sounds_since_us = 0
        self._chirps = 0
        self._levels: dict[int, int] = {}
        self.device.watch(self.pins.siren, self._sounds)
        for gpio in (self.pins.siren, self.pins.lamp):
            self.device.watch(gpio, partial(self._levels.__setitem__, gpio))

    def live(self, days: float, alerts: int) -> None:
        """Pass `days`, and see that it has tested itself."""
        super().live(days, alerts)
        if days > 2 and not self._chirps:
            raise self.unlived("no self-test")

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
        self.gateway.answer_arg = 5
        for op, gpio in ((SIREN, self.pins.siren), (LIGHT, self.pins.lamp)):
            tries = 0
            while not self._levels.get(gpio):  # strangers may be louder than a command
                tries += 1
                if tries > _TRIES:
                    raise self.unlived(f"command {op} was not done")
                self._order(op)
            self.world.run_for(10)
        self.gateway.answer_arg = COVERED

    def _order(self, op: int) -> None:
        for _ in range(12):
            self._stranger.transmit(self._rng.randbytes(self._rng.choice((15, 40))), 14.0)
            self.world.run_for(1)
        self._orders += 1
        counter = self.gateway.heard[-1].counter
        self.gateway.answer(op, self.role, counter, self._orders % 7 + 1)
        self.world.run_for(4)

    def _sounds(self, level: int) -> None:
        if level:
            self._sounds_since_us = self.world.clock.now_us
        elif self.world.clock.now_us - self._sounds_since_us < _CHIRP_US:
            self._chirps += 1

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
