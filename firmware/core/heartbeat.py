"""When a device says that it lives, and the page of data each sign of life carries.

Worn devices spread their heartbeats over 0.5 to 1.5 of the interval: a regular beat identifies a wearer.
"""

from protocol import kinds
from protocol.kinds import PAGE_BATTERY, PAGE_BUILD, PAGE_LIFE, PAGE_STATUS, PAGES
from protocol.portable import const

_UNIT = const(1024)


class Pages:
    """What a device tells of itself, a page at a time."""

    __slots__ = ("battery_mv", "build", "digest", "status", "uptime_s")

    def __init__(self, build: int) -> None:
        """Take the build; the rest is measured."""
        self.build = build
        self.battery_mv = 0
        self.status = 0  # as `kinds.status_page` packs it
        self.uptime_s = 0
        self.digest = 0  # of the last exception


def next_interval_s(interval_s: int, random_1024: int) -> int:
    """Return the seconds to the next heartbeat: 0.5 to 1.5 of `interval_s` by a number below 1,024."""
    return interval_s // 2 + interval_s * random_1024 // _UNIT


def page_data(counter: int, pages: Pages, marks: int) -> int:
    """Return the 7 bits of data for the heartbeat with `counter`.

    `marks` are the gateways that answered the frame before it at once, a bit each.
    """
    if counter % 2:
        return marks
    page = counter % PAGES
    if page == PAGE_BATTERY:
        return kinds.battery_page(pages.battery_mv)
    if page == PAGE_BUILD:
        return pages.build & 0x7F
    if page == PAGE_STATUS:
        return pages.status
    if page == PAGE_LIFE and kinds.tells_exception(counter):
        return pages.digest
    return kinds.uptime_page(pages.uptime_s)
