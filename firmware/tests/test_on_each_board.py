"""Every program on every board with a map for it: it starts, its pins work, its radios are heard."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firmware.boards.pins import ButtonPins, CallBoxPins, HeadPins, LoraPins
from firmware.core import records, settings
from firmware.tests.test_boards import NAMES, chip, used
from protocol import kinds
from protocol.kinds import EMERGENCY, PANIC, STORED
from protocol.link_messages import BOARD_LEN, Hello, Identity, LinkMessage
from protocol.serial_link import SerialLink
from tools.flashed import flashed
from tools.virtual.device import Device, Power
from tools.virtual.lora_peer import LoraPeer
from tools.virtual.peer import Peer
from tools.virtual.world import World

KEY = bytes(range(16))
FULL_MV = 4_000
LDO_ON, ALDO3_MV = 0x90, 0x94  # registers of the AXP2101


@contextmanager
def board(tmp_path: Path, name: str, role: str) -> Iterator[tuple[World, Device, Any]]:
    """Yield a world with a board that is provisioned for a role, without power, and its pins."""
    module = importlib.import_module(f"firmware.boards.{name}")
    pins = getattr(module, role.upper())
    with World(tmp_path, loss=0.0) as world:
        device = world.device("board", chip(name), firmware=flashed(role))
        stored: dict[str, int | str] = {"role": role, "board": name, "chemistry": "lipo"}
        device.nvs.set("tocsin", "settings", "blob", settings.pack(stored))
        device.nvs.set("tocsin", "secret", "blob", records.pack_secret(KEY, 0))
        battery = getattr(pins, "battery", None)
        if battery is not None:
            device.analog.sources[battery.adc] = lambda: FULL_MV * 1000 / battery.ratio_1000
        rails = _power_chip(device) if name == "lilygo_tbeam_supreme" else None
        yield world, device, pins
        assert device.faults == []
        if rails is not None:
            assert device.i2c.pins == (42, 41)
            assert rails[LDO_ON] & 0b11101 == 0b100, (
                "of display, radio, GNSS and card the radio alone"
            )
            assert 500 + 100 * rails[ALDO3_MV] == 3_300
        assert (tmp_path / "board.log").read_text() == ""


def _power_chip(device: Device) -> bytearray:
    """Fit the AXP2101 of a T-Beam, all of its rails on; return its registers."""
    registers = device.i2c.fit(0x34)
    registers[LDO_ON] = 0xFF
    return registers


def with_map(role: str) -> list[str]:
    return [name for name in NAMES if role in used(name)]


def gateways(world: World, device: Device, lora: LoraPins | None) -> tuple[Peer, LoraPeer | None]:
    """Return a gateway in reach of BLE, and one of LoRa where the board has that."""
    ble = Peer(world, KEY)
    ble.answer_op = STORED
    if lora is None:
        return ble, None
    device.fit_lora(lora)
    far = LoraPeer(world, {"board": KEY})
    far.answer_op = STORED
    return ble, far


def of_kind(peer: Peer | LoraPeer, kind: int) -> list[bytes]:
    return [heard.frame for heard in peer.heard if heard.message.word() >> 20 == kind]


def millivolts(peer: Peer | LoraPeer) -> set[int]:
    """Return what the heartbeats told of the battery."""
    found = (heard for heard in peer.heard if heard.counter % kinds.PAGES == kinds.PAGE_BATTERY)
    words = (heard.message.word() for heard in found)
    return {
        (word >> 11 & 0x7F) * kinds.BATTERY_STEP_MV + kinds.BATTERY_FLOOR_MV
        for word in words
        if word >> 20 == kinds.HEARTBEAT
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", with_map("PANIC_BUTTON"))
def test_a_button_sleeps_wakes_calls_and_is_felt(tmp_path: Path, name: str) -> None:
    with board(tmp_path, name, "panic_button") as (world, device, pins):
        assert isinstance(pins, ButtonPins)
        ble, far = gateways(world, device, pins.lora)
        pulses: list[int] = []
        lit: list[int] = []
        device.watch(pins.motor, pulses.append)
        device.watch(pins.led, lit.append)
        for contact in (pins.contact_main, pins.contact_second):
            device.drive(contact, 1)
        device.power_on()
        assert world.run_until(lambda: device.power is Power.SLEEPING, 20)
        if pins.battery is not None:
            assert [abs(mv - FULL_MV) <= 60 for mv in millivolts(ble)] == [True]
        assert pulses in ([], [0])
        device.drive(pins.contact_main, 0)
        world.run_for(1.5)
        device.drive(pins.contact_main, 1)
        world.run_for(5)
        assert of_kind(ble, PANIC)
        assert 1 in pulses
        assert 1 not in lit, "discreet, unless it is told otherwise"
        if far is not None:
            assert of_kind(far, PANIC)[0] in of_kind(ble, PANIC)


@pytest.mark.slow
@pytest.mark.parametrize("name", with_map("CALL_BOX"))
def test_a_call_box_shines_and_calls(tmp_path: Path, name: str) -> None:
    with board(tmp_path, name, "call_box") as (world, device, pins):
        assert isinstance(pins, CallBoxPins)
        _, far = gateways(world, device, pins.lora)
        assert far is not None
        lamp: list[int] = []
        siren: list[int] = []
        device.watch(pins.lamp, lamp.append)
        device.watch(pins.siren, siren.append)
        for button in pins.buttons:
            device.drive(button, 1)
        for loop in (pins.tamper, pins.cabinet):
            device.drive(loop, 0)
        device.drive(pins.mains, 1)
        device.power_on()
        world.run_for(80)
        assert 1 not in lamp + siren
        if pins.battery is not None:
            assert [abs(mv - FULL_MV) <= 60 for mv in millivolts(far)] == [True]
        device.drive(pins.buttons[0], 0)
        world.run_for(0.3)
        device.drive(pins.buttons[0], 1)
        world.run_for(5)
        assert of_kind(far, EMERGENCY)
        assert 1 in lamp
        assert 1 in siren


@pytest.mark.slow
@pytest.mark.parametrize("name", with_map("RADIO_HEAD"))
def test_a_head_says_who_it_is_and_what_works(tmp_path: Path, name: str) -> None:
    with board(tmp_path, name, "radio_head") as (world, device, pins):
        assert isinstance(pins, HeadPins)
        if pins.lora is not None:
            device.fit_lora(pins.lora)
        link = SerialLink()
        said: list[LinkMessage] = []

        def hear(data: bytes) -> None:
            link.feed(data)
            said.extend(iter(link.take, None))

        device.on_uart = hear
        device.power_on()
        world.run_for(2)
        hellos = [one for one in said if isinstance(one, Hello)]
        names = [one.board for one in said if isinstance(one, Identity)]
        assert hellos[-1].caps == (1 if pins.lora is None else 3)
        assert names[-1].rstrip(bytes(1)).decode() == name[:BOARD_LEN]
