"""What a device tells of itself in the pages of its heartbeats, as it is kept and as it is shown. Pure."""

from dataclasses import dataclass, replace

from protocol.kinds import PAGE_BATTERY, PAGE_BUILD, PAGE_LIFE, PAGE_STATUS, PAGES, tells_exception
from protocol.names import CAUSE_NAMES
from protocol.pages import Status, battery_mv, uptime_hours


@dataclass(frozen=True, slots=True)
class Told:
    """The last of each page; None where none was heard. `status` is as it came, 7 bits."""

    battery_mv: int | None = None
    build: int | None = None
    status: int | None = None
    uptime_h: int | None = None
    exception: int | None = None

    def with_page(self, counter: int, data: int) -> "Told":
        """Return this with the page of the heartbeat `counter`; odd ones tell nothing of the device."""
        page = counter % PAGES
        if page == PAGE_BATTERY:
            return replace(self, battery_mv=battery_mv(data))
        if page == PAGE_BUILD:
            return replace(self, build=data)
        if page == PAGE_STATUS:
            return replace(self, status=data)
        if page == PAGE_LIFE and tells_exception(counter):
            return replace(self, exception=data)
        return replace(self, uptime_h=uptime_hours(data)) if page == PAGE_LIFE else self

    def columns(self) -> tuple[int | None, ...]:
        """Return the fields as they are stored, in their order."""
        return self.battery_mv, self.build, self.status, self.uptime_h, self.exception

    def shown(self) -> dict[str, object]:
        """Return every field for people; what the status page says in words."""
        reset, wrong = None, None
        if self.status is not None:
            status = Status(self.status)
            reset = CAUSE_NAMES.get(status.cause, str(status.cause))
            names = ("low", "mains_lost", "fault", "defaults")
            wrong = [name for name in names if getattr(status, name)]
        return {
            "battery_mv": self.battery_mv,
            "build": self.build,
            "reset": reset,
            "wrong": wrong,
            "uptime_h": self.uptime_h,
            "exception": self.exception,
        }
