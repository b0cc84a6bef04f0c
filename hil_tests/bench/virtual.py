"""The bench made of virtual boards: real firmware, real gateway, real MQTT, one machine."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.demonstration.operator import Seen
from tools.demonstration.site import News, Site
from tools.demonstration.story import Story
from tools.demonstration.timeline import Press


class VirtualBench:
    """One site. Everything that happened is in `felt`, `seen`, `said` and in each press."""

    def __init__(self, folder: Path, heartbeat_s: int) -> None:
        """Start it, with buttons that say every `heartbeat_s` that they live."""
        self.site = Site(folder, seed=7, heartbeat_s=heartbeat_s)
        self.felt: list[tuple[str, str]] = []  # device, indication
        self.seen: list[Seen] = []  # by the operator
        self.said: list[dict[str, Any]] = []  # by the gateway
        self._story = Story()
        try:
            self.site.start()
        except BaseException:
            self.site.stop()
            raise

    def close(self) -> None:
        """End it."""
        self.site.stop()

    def press(self, number: int, kind: str = "panic") -> Press:
        """Press button `number`."""
        press = self.site.press(number, kind)
        self._story.timeline.begin(press)
        return press

    def acknowledge(self, press: Press) -> None:
        """Let the operator take the incident of `press`."""
        self._story.acknowledged(press, self.site.operator.acknowledge(press.incident))

    def wait(self, happened: Callable[[], bool], limit_s: float) -> bool:
        """Watch until `happened()`, at most `limit_s`; say whether it did."""
        until_s = time.monotonic() + limit_s
        while not happened():
            if time.monotonic() > until_s:
                return False
            for news in self.site.pending(0.02):
                self._take(news)
        return True

    def events(self, kind: str, device: str) -> list[Seen]:
        """Return what the operator saw of `kind` from a device."""
        return [s for s in self.seen if s.type == kind and s.data.get("device") == device]

    def clock_known(self, device: str) -> bool:
        """Say whether the gateway has had a frame of `device` that it knows to be no old one."""
        known = json.loads(self.site.gateway.ask("devices", "--json"))
        return any(one["device"] == device and one["heard_at"] is not None for one in known)

    def faults(self, event: str) -> list[str]:
        """Return the codes of the gateway's "fault" or "restore" lines."""
        return [line["code"] for line in self.said if line["event"] == event]

    def _take(self, news: News) -> None:
        source, _, detail = news
        if source == "felt":
            self.felt.append(detail)
        elif source == "operator":
            self.seen.append(detail)
        elif source == "gateway":
            self.said.append(detail)
        self._story.take(news)
