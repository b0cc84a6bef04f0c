"""When a device says that it lives, and the page of data each sign of life carries.

Worn devices spread their heartbeats over 0.5 to 1.5 of the interval: a regular beat identifies a wearer.
"""

from protocol.kinds import PAGE_BATTERY, PAGE_BUILD, PAGES, battery_page
from protocol.portable import const

_UNIT = const(1024)


def next_interval_s(interval_s: int, random_1024: int) -> int:
    """Return the seconds to the next heartbeat: 0.5 to 1.5 of `interval_s` by a number below 1,024."""
    return interval_s // 2 + interval_s * random_1024 // _UNIT


def page_data(counter: int, battery_mv: int, build: int, marks: int) -> int:
    """Return the 7 bits of data for the heartbeat with `counter`.

    `marks` are the gateways that answered the frame before it at once, a bit each.
    """
    if counter % 2:
        return marks
    if counter % PAGES == PAGE_BATTERY:
        return battery_page(battery_mv)
    if counter % PAGES == PAGE_BUILD:
        return build & 0x7F
    return 0
