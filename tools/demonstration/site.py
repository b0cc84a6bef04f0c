"""A practice in miniature: two wearers, a call box, a radio head, the gateway, a broker and an operator."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from firmware.core.inputs import BUTTON_MS
from tools.demonstration import boards
from tools.demonstration.boards import (
    CALL_CONTACT,
    CANCEL_MS,
    HOLD_MS,
    MAIN_CONTACT,
    SECOND_CONTACT,
    Provisioned,
)
from tools.demonstration.gate import Gate
from tools.demonstration.operator import Operator, Seen
from tools.demonstration.processes import BrokerProcess, GatewayProcess
from tools.demonstration.timeline import Press
from tools.virtual.ble_air import OUT_OF_RANGE_DB
from tools.virtual.bystander import Sight
from tools.virtual.device import Power
from tools.virtual.lora_radio import Packet
from tools.virtual.realtime import RealTime
from tools.virtual.serial_port import SerialPort
from tools.virtual.sx1262_states import RX, kind
from tools.virtual.wearer import Feeling
from tools.virtual.world import World

SITE = "demo"
_IN_RANGE_DB = 65.0
_RELEASE_AFTER_MS = 150
_CALL_MS = 300
_TAP_EVERY_MS = 450  # so slowly that one who sleeps is awake for the second
_JAM_DBM = -30.0  # a transmitter some metres away
_UP_LIMIT_S = 30.0
_BLE_START_MS = 200.0  # of the modelled wake, beside the boot
_CONFIG = """
[gateway]
site = "{site}"
state_dir = "{folder}/state"
runtime_dir = "{folder}/run"

[metrics]
listen = ""
[log]
format = "json"

[[radio]]
type = "radio_head"
port = "{folder}/tty/head*"

[[upstream]]
type = "mqtt"
name = "broker"
host = "127.0.0.1"
port = {port}

{operator}
"""

# What is put into `Site.news`: (source, time in unix s, details)
News = tuple[str, float, Any]


class Site:
    """Everything, wired. What happens is put into `news`, from several threads."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        heartbeat_s: int = boards.HEARTBEAT_S,
        button_board: str = boards.BUTTON_BOARD,
    ) -> None:
        """Lay the site out in `folder`; its buttons say every `heartbeat_s` that they live."""
        self.news: SimpleQueue[News] = SimpleQueue()
        self.broker = BrokerProcess()
        self._gate = Gate()
        self.operator = Operator(SITE, self._operator_saw)
        config = folder / "gateway.toml"
        enrolled = self.operator.enrolment
        config.write_text(
            _CONFIG.format(site=SITE, folder=folder, port=self._gate.port, operator=enrolled)
        )
        self.gateway = GatewayProcess(config, self._gateway_said)
        for name in ("log", "tty"):
            (folder / name).mkdir()
        world = World(folder / "log", seed=seed)
        self.world = RealTime(world)
        self._head = boards.radio_head(world)
        self.port = SerialPort(folder / "tty" / "head0")
        self.buttons = [
            boards.panic_button(world, f"button-{n}", heartbeat_s, button_board) for n in (1, 2)
        ]
        self.box = boards.call_box(world, "box-1")
        world.ble.set_path_loss(self.box.name, self._head.name, OUT_OF_RANGE_DB)  # it is far out
        world.lora.on_air = self._on_lora
        self.box.bystander.on_sight = self._shown
        for button in self.buttons:
            button.wearer.on_feeling = partial(self._felt, button.name)
            button.device.radio.on_advertising = partial(self._advertised, button.name)
        self.folder = folder

    def start(self) -> None:
        """Enrol the devices and start everything."""
        recipient = self.gateway.ask("key", "new")
        devices: list[Provisioned] = [*self.buttons, self.box]
        for device, place in zip(devices, ("room 1", "room 2", "car park"), strict=True):
            file = self.folder / f"{device.name}.enrolment"
            boards.write_enrolment(device, place, recipient, file)
            self.gateway.ask("enrol", str(file))
        self.start_broker()
        self.world.attach(self.port, self._head)
        self.world.start()
        self.world.do(self._head.power_on)
        self.gateway.start()
        for device in devices:
            self.world.do(device.device.power_on)
        self._wait_until_up()

    def stop(self) -> None:
        """End everything."""
        self.gateway.stop()
        self.world.stop()
        self.port.close()
        self.operator.disconnect()
        self._gate.close()
        self.broker.stop()

    def pending(self, seconds: float) -> Iterator[News]:
        """Yield what has happened, waiting for it at most `seconds`."""
        try:
            yield self.news.get(timeout=seconds)
            while True:
                yield self.news.get_nowait()
        except Empty:
            return

    def start_broker(self) -> None:
        """Start the broker; the operator is back before the gateway gets through."""
        self.broker.start()
        self.operator.connect(self.broker.port)
        self._gate.open(self.broker.port)

    def stop_broker(self) -> None:
        """Take the broker away."""
        self._gate.close()
        self.operator.disconnect()
        self.broker.stop()

    def press(self, number: int, kind: str, note: str = "") -> Press:
        """Hold a contact of button `number` long enough: "panic" or the silent "hold_up"."""
        contact = MAIN_CONTACT if kind == "panic" else SECOND_CONTACT
        return self._hold(number, kind, contact, HOLD_MS, note)

    def cancel(self, number: int) -> Press:
        """Hold the main contact on past the alert it raises, until that is withdrawn."""
        return self._hold(number, "cancel", MAIN_CONTACT, CANCEL_MS, "")

    def ask(self, number: int) -> None:
        """Press button `number` shortly, to ask whether it is covered here."""
        self._hold(number, "query", MAIN_CONTACT, 0, "")

    def visit(self, number: int) -> None:
        """Let the wearer of button `number` begin a visit, or extend it: two taps."""
        self._tap(number, 2)

    def end_visit(self, number: int) -> None:
        """Let her end it: three taps."""
        self._tap(number, 3)

    def call(self, note: str = "") -> Press:
        """Press the call box's button."""
        clock = self.world.world.clock
        device = self.box.device

        def touch() -> Press:
            touched_s = self.world.unix_s(clock.now_us)
            device.drive(CALL_CONTACT, 0)
            clock.after(_CALL_MS * 1000, partial(device.drive, CALL_CONTACT, 1))
            complete_s = touched_s + BUTTON_MS / 1000
            return Press(device.name, "emergency", touched_s, complete_s, 0.0, note)

        return self.world.do(touch)

    def jam_lora(self, seconds: float) -> float:
        """Drown the LoRa channel in noise for so long from now; return when it ends (unix s)."""
        world = self.world.world

        def jam() -> float:
            now_us = world.clock.now_us
            end_us = now_us + round(seconds * 1_000_000)
            world.lora.jam(now_us, end_us, _JAM_DBM)
            return self.world.unix_s(end_us)

        return self.world.do(jam)

    def set_range(self, number: int, *, in_range: bool) -> None:
        """Carry button `number` out of reach of BLE, or back."""
        button = self.buttons[number]
        button.in_range = in_range
        db = _IN_RANGE_DB if in_range else OUT_OF_RANGE_DB
        ble = self.world.world.ble
        self.world.do(partial(ble.set_path_loss, button.name, self._head.name, db))

    def _wait_until_up(self) -> None:
        """Let each button say its first heartbeat and sleep, as one that is worn has; the box listens."""
        until_s = time.monotonic() + _UP_LIMIT_S
        while not self._is_up():
            if self.world.failure is not None:
                raise self.world.failure
            if time.monotonic() > until_s:
                raise TimeoutError("a virtual device did not get ready after its start")
            time.sleep(0.01)

    def _is_up(self) -> bool:
        asleep = all(button.device.power is Power.SLEEPING for button in self.buttons)
        return asleep and kind(self.box.lora.state) == RX

    def _tap(self, number: int, times: int) -> None:
        clock, device = self.world.world.clock, self.buttons[number].device

        def taps() -> None:
            for down_ms in range(0, times * _TAP_EVERY_MS, _TAP_EVERY_MS):
                clock.after(down_ms * 1000, partial(device.drive, SECOND_CONTACT, 0))
                up_us = (down_ms + _RELEASE_AFTER_MS) * 1000
                clock.after(up_us, partial(device.drive, SECOND_CONTACT, 1))

        self.world.do(taps)

    def _hold(self, number: int, kind: str, contact: int, hold_ms: int, note: str) -> Press:
        device = self.buttons[number].device
        clock = self.world.world.clock

        def touch() -> Press:
            asleep = device.power is Power.SLEEPING
            wake_ms = device.chip.boot_us / 1000 + _BLE_START_MS if asleep else 0.0
            touched_s = self.world.unix_s(clock.now_us)
            device.drive(contact, 0)
            release_us = (hold_ms + _RELEASE_AFTER_MS) * 1000
            clock.after(release_us, partial(device.drive, contact, 1))
            complete_s = touched_s + min(hold_ms, HOLD_MS) / 1000
            return Press(device.name, kind, touched_s, complete_s, wake_ms, note)

        return self.world.do(touch)

    def _felt(self, device: str, feeling: Feeling) -> None:
        self.news.put(("felt", self.world.unix_s(feeling.at_us), (device, feeling.name)))

    def _advertised(self, device: str, data: bytes) -> None:
        now_s = self.world.unix_s(self.world.world.clock.now_us)
        self.news.put(("air", now_s, (device, data)))

    def _on_lora(self, packet: Packet) -> None:
        if packet.sender.name == self.box.name:
            now_s = self.world.unix_s(packet.start_us)
            self.news.put(("air", now_s, (self.box.name, packet.payload)))

    def _shown(self, sight: Sight) -> None:
        self.news.put(("shown", self.world.unix_s(sight.at_us), (self.box.name, sight.name)))

    def _gateway_said(self, line: dict[str, Any]) -> None:
        self.news.put(("gateway", line.get("t", time.time()), line))

    def _operator_saw(self, seen: Seen) -> None:
        self.news.put(("operator", seen.unix_s, seen))
