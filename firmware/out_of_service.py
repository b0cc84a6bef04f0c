"""A device that must be provisioned anew: it says so when it is touched, and never transmits.

Key and counter record are lost, or the counters are used up. Sleep ends by a contact: neither a reset in
a loop nor a silent device that looks whole. A contact that stays closed is left out, and looked at by the
hour.
"""

from firmware.core import indication
from firmware.core.chosen import Settings
from firmware.core.ticks import diff
from firmware.hal import clock, power
from firmware.hal.contact import Contact
from firmware.hal.output import Output
from firmware.hal.wait import Waiter, WakeFlag
from firmware.hal.watchdog import Watchdog
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import ButtonPins


_FOREVER_MS = const(0)  # no timer ends the sleep
_STUCK_MS = const(10_000)
_LOOK_MS = const(1_000)
_LOOK_AGAIN_MS = const(3_600_000)


def rest(settings: Settings, pins: "ButtonPins") -> None:
    """Show the fault once and sleep until the next touch."""
    flag = WakeFlag()
    waiter = Waiter(flag)
    watchdog = Watchdog(settings.watchdog_s * 1000)
    contacts = [
        Contact(gpio, flag) for gpio in (pins.contact_main, pins.contact_second) if gpio >= 0
    ]
    outputs = [Output(pins.motor)] + ([] if settings.discreet else [Output(pins.led)])
    indicator = indication.Indicator()
    begun_ms = clock.now_ms()
    if power.start_cause() != power.WOKEN_BY_TIMER:
        indicator.show(indication.FAULT, begun_ms)
    while True:
        watchdog.feed()
        now_ms = clock.now_ms()
        on = indicator.poll(now_ms)
        for output in outputs:
            output.set(on)
        is_stuck = diff(now_ms, begun_ms) >= _STUCK_MS
        touched = any(contact.down() for contact in contacts)
        if not indicator.playing() and (is_stuck or not touched):
            _sleep(contacts)
        waiter.wait(indicator.wait_ms(now_ms) if indicator.playing() else _LOOK_MS)


def _sleep(contacts: "list[Contact]") -> None:
    free = [contact.pin for contact in contacts if not contact.down()]
    power.deep_sleep(_FOREVER_MS if len(free) == len(contacts) else _LOOK_AGAIN_MS, free)
