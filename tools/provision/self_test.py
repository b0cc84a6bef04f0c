"""What a person and the board find out together, before the board is closed.

    step        what happens                                     what is recorded
    hands       motor and light pulse until the contact closes   after how many seconds
    battery     the divider is read, where the board has one     mV
    radio       BLE starts and advertises for a moment           the address it has

One press answers both questions, without a keyboard: who felt or saw the board ask has tried motor and
light, and the press tries the contact. So a batch of boards is done by going from one to the next.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from tools.provision.identity import CALL_BOX, PANIC_BUTTON, Planned
from tools.provision.repl import Repl
from tools.provision.stopped import Stopped

_PRESS_S = 60
_HANDS = """
import machine, time
def _hands(contact, outputs, limit_ms):
    contact = machine.Pin(contact, machine.Pin.IN, machine.Pin.PULL_UP)
    outputs = [machine.Pin(gpio, machine.Pin.OUT, value=0) for gpio in outputs]
    if contact.value() == 0:
        return -1
    start, on = time.ticks_ms(), 0
    try:
        while True:
            waited = time.ticks_diff(time.ticks_ms(), start)
            if contact.value() == 0:
                return waited
            if waited > limit_ms:
                return -2
            pulse = waited % 1000 < 200
            if pulse != on:
                on = pulse
                for pin in outputs:
                    pin.value(on)
            time.sleep_ms(10)
    finally:
        for pin in outputs:
            pin.value(0)
"""
_BATTERY = """
import machine, time
def _battery(adc, ratio, enable, level):
    switch = machine.Pin(enable, machine.Pin.OUT, value=level) if enable >= 0 else None
    time.sleep_ms(20)
    pin = machine.ADC(machine.Pin(adc), atten=3)
    found = sorted(pin.read_uv() for _ in range(9))[4]
    if switch is not None:
        switch.value(1 - level)
    return found * ratio // 1000000
"""
_RADIO = """
import bluetooth, binascii, time
def _radio():
    ble = bluetooth.BLE()
    ble.active(True)
    ble.gap_advertise(100000, b"\\x02\\x01\\x06", connectable=False)
    time.sleep_ms(300)
    ble.gap_advertise(None)
    address = binascii.hexlify(ble.config("mac")[1]).decode()
    ble.active(False)
    return address
"""


@dataclass(frozen=True, slots=True)
class Hands:
    """The contact that is pressed, and what pulses until it is."""

    contact: int
    outputs: tuple[int, ...]


def run(repl: Repl, planned: Planned, *, press: bool) -> dict[str, Any]:
    """Return what was found; raise `Stopped` where the board does not pass. `press`: a person is there."""
    pins = getattr(
        importlib.import_module(f"firmware.boards.{planned.board}"), planned.role.upper()
    )
    found: dict[str, Any] = {}
    hands = _hands(planned.role, pins)
    if hands is not None and press:
        found["pressed_after_s"] = _pressed(repl, hands)
    battery = getattr(pins, "battery", None)
    if battery is not None:
        call = f"_battery({battery.adc}, {battery.ratio_1000}, {battery.enable}, {battery.enable_level})"
        found["battery_mv"] = repl.ask(f"{_BATTERY}print({call})")
    found["radio"] = repl.ask(f"{_RADIO}print(repr(_radio()))")
    return found


def _hands(role: str, pins: Any) -> Hands | None:  # noqa: ANN401 - the pins of a role
    if role == PANIC_BUTTON:
        outputs = tuple(gpio for gpio in (pins.motor, pins.led) if gpio >= 0)
        return Hands(pins.contact_main, outputs)
    if role == CALL_BOX:
        return Hands(pins.buttons[0], (pins.lamp,))
    return None


def _pressed(repl: Repl, hands: Hands) -> float:
    call = f"_hands({hands.contact}, {hands.outputs}, {_PRESS_S * 1000})"
    waited_ms: int = repl.ask(f"{_HANDS}print({call})", limit_s=_PRESS_S + 10)
    if waited_ms == -1:
        raise Stopped("contact_closed")
    if waited_ms < 0:
        raise Stopped("not_pressed", seconds=_PRESS_S)
    return round(int(waited_ms) / 1000, 1)
