"""A device that must be provisioned anew: it says so when it is touched, and never transmits.

Key and counter record are lost, or the counters are used up. Sleep ends by a contact only: neither a
reset in a loop nor a silent device that looks whole.
"""

from firmware.boards.pins import ButtonPins
from firmware.core import indication
from firmware.core.settings import Settings
from firmware.hal import clock, power
from firmware.hal.contact import Contact
from firmware.hal.output import Output
from firmware.hal.wait import Waiter, WakeFlag

_FOREVER_MS = 0  # no timer ends the sleep


def run(settings: Settings, pins: ButtonPins) -> None:
    """Show the fault once and sleep until the next touch."""
    flag = WakeFlag()
    waiter = Waiter(flag)
    contacts = [Contact(gpio, flag) for gpio in (pins.contact_main, pins.contact_second)]
    outputs = [Output(pins.motor)] + ([] if settings.discreet else [Output(pins.led)])
    indicator = indication.Indicator()
    indicator.show(indication.FAULT, clock.now_ms())
    while True:
        on = indicator.poll(clock.now_ms())
        for output in outputs:
            output.set(on)
        if not indicator.playing() and not any(contact.down() for contact in contacts):
            power.deep_sleep(_FOREVER_MS, [contact.pin for contact in contacts])
        waiter.wait(indicator.wait_ms(clock.now_ms()))
