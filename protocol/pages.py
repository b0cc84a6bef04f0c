"""What a gateway reads in the pages of a heartbeat; `protocol.kinds` makes them."""

from protocol.kinds import BATTERY_FLOOR_MV, BATTERY_STEP_MV, UPTIME_DAYS_OFFSET, UPTIME_HOURS


class Status:
    """The status page: why the device has started, and what is wrong with it now."""

    __slots__ = ("cause", "defaults", "fault", "low", "mains_lost")

    def __init__(self, data: int) -> None:
        """Take the 7 bits."""
        self.cause = data >> 4
        self.low = bool(data & 8)
        self.mains_lost = bool(data & 4)
        self.fault = bool(data & 2)
        self.defaults = bool(data & 1)


def battery_mv(data: int) -> int:
    """Return the millivolts of the battery page, rounded down."""
    return BATTERY_FLOOR_MV + BATTERY_STEP_MV * data


def uptime_hours(data: int) -> int:
    """Return the hours of an uptime, rounded down; at most 81 days."""
    return data if data < UPTIME_HOURS else (data - UPTIME_DAYS_OFFSET) * 24
