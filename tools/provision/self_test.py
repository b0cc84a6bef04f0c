"""What a person and the board find out together, before the board is closed.

    step        what happens                                     what is recorded
    hands       motor and light pulse until the contact closes   after how many seconds
    battery     the divider is read, where the board has one     mV, as the chemistry can have them
    radio       BLE goes to the head on the table and back       its address, dBm both ways

One press answers both questions, without a keyboard: who felt or saw the board ask has tried motor and
light, and the press tries the contact. So a batch of boards is done by going from one to the next.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from firmware.boards.pins import BatteryPins
from firmware.core.chosen import Settings
from tools.provision import radio_test
from tools.provision.battery import Reading, most_mv
from tools.provision.head import Head
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


@dataclass(frozen=True, slots=True)
class Hands:
    """The contact that is pressed, and what pulses until it is."""

    contact: int
    outputs: tuple[int, ...]


def run(repl: Repl, planned: Planned, head: Head | None, *, press: bool) -> dict[str, Any]:
    """Return what was found; raise `Stopped` where the board does not pass. `press`: a person is there."""
    pins = getattr(
        importlib.import_module(f"firmware.boards.{planned.board}"), planned.role.upper()
    )
    found: dict[str, Any] = {}
    hands = _hands(planned.role, pins)
    if hands is not None and press:
        found["pressed_after_s"] = _pressed(repl, hands)
    if getattr(pins, "battery", None) is not None:
        found["battery"] = _measured(repl, pins.battery, _chemistry(planned))
    found["radio"] = radio_test.run(repl, pins.advertise_us, head)
    return found


def _chemistry(planned: Planned) -> str:
    """Return the battery that the plan gives a device, or the firmware does."""
    return str(planned.settings.get("chemistry", Settings.chemistry))


def _measured(repl: Repl, pins: BatteryPins, chemistry: str) -> dict[str, Any]:
    """Return mV and chemistry; raise `Stopped` where a good battery cannot read so."""
    call = f"_battery({pins.adc}, {pins.ratio_1000}, {pins.enable}, {pins.enable_level})"
    reading = Reading(repl.ask(f"{_BATTERY}print({call})"), chemistry)
    if reading.fault is not None:
        told = {"mv": reading.millivolts, "chemistry": chemistry, "most": most_mv(chemistry)}
        raise Stopped(reading.fault, **told)
    return {"mv": reading.millivolts, "chemistry": chemistry}


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
