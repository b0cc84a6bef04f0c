"""This device's record of its own life: read at the start, kept in RTC memory, told in heartbeats."""

import io
import sys

from firmware.core.health import Health
from firmware.hal import clock, power
from protocol.causes import NO_RESET

TYPE_CHECKING = False
if TYPE_CHECKING:
    import machine

health = Health()


def begin() -> None:
    """Judge this start; once, before any program."""
    cause = power.start_cause()
    health.start(
        power.kept(power.HEALTH),
        clock.seconds(),
        power_up=cause == power.POWER_UP,
        woken=cause in (power.WOKEN_BY_PIN, power.WOKEN_BY_TIMER),
        watchdog=cause == power.WATCHDOG,
    )
    keep()


def told() -> None:
    """Take note that a gateway has acknowledged the cause of the start."""
    if health.cause != NO_RESET:
        health.told()
        keep()


def restart() -> None:
    """Start again on purpose."""
    health.intend_reset()
    keep()
    power.reset()


def fail(error: Exception, longest_s: int, contacts: "list[machine.Pin]") -> None:
    """Leave what went wrong for the next start, say it on the console, and start again, perhaps later."""
    trace = io.StringIO()
    sys.print_exception(error, trace)
    print(trace.getvalue(), end="")
    health.failed(trace.getvalue(), clock.seconds())
    keep()
    pause(longest_s, contacts)
    power.reset()


def pause(longest_s: int, contacts: "list[machine.Pin]") -> None:
    """Sleep where too many starts in a row have failed; after it, or by a contact, is one more try."""
    pause_s = 0 if health.rested else health.pause_s(longest_s)
    if pause_s:
        health.intend_pause()
        keep()
        power.deep_sleep(pause_s * 1000, contacts)


def keep() -> None:
    """Write the record to RTC memory."""
    power.keep(health.record(), power.HEALTH)
