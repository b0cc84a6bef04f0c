"""The bench made of virtual boards: real firmware, real gateway, real MQTT, one machine."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tools.demonstration.boards import BUTTON_BOARD, HEARTBEAT_S
from tools.demonstration.operator import Seen
from tools.demonstration.site import News, Site
from tools.demonstration.story import Story
from tools.demonstration.timeline import Press
from tools.virtual.device import Power

# On a machine that has much else to do; what is waited for comes in a few seconds.
_PATIENCE_S = 60.0
_BATTERY_BACK_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Layout:
    """What is on the site: its buttons' board, and how often they say that they live."""

    button_board: str = BUTTON_BOARD
    heartbeat_s: int = HEARTBEAT_S


class VirtualBench:
    """One site: two buttons, and a call box that BLE does not reach.

    Everything that happened is in `felt`, `shown`, `seen`, `said` and in each press.
    """

    def __init__(self, folder: Path, layout: Layout) -> None:
        """Start it."""
        self.site = Site(folder, 7, layout.heartbeat_s, layout.button_board)
        self.felt: list[tuple[str, str]] = []  # device, indication
        self.shown: list[str] = []  # by the light of the box
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

    def call(self) -> Press:
        """Press the button of the call box."""
        press = self.site.call()
        self._story.timeline.begin(press)
        return press

    def box_sounds(self) -> bool:
        """Say whether the siren of the call box sounds."""
        return self.site.world.do(lambda: self.site.box.bystander.siren)

    def asleep(self, number: int) -> bool:
        """Say whether button `number` sleeps."""
        return self.site.buttons[number].device.power is Power.SLEEPING

    def cut_power(self, number: int) -> None:
        """Take the battery out of button `number`, and put it back."""
        device = self.site.buttons[number].device
        self.site.world.do(device.power_cut)
        self.site.world.do(device.power_on)

    def press_cut_short(self, number: int, after_ms: int) -> Press:
        """Press button `number`; `after_ms` after its first frame is on air its battery falls out.

        A second later it is back.
        """
        device, world = self.site.buttons[number].device, self.site.world
        clock, told = world.world.clock, device.radio.on_advertising

        def on_air(data: bytes) -> None:
            told(data)
            device.radio.on_advertising = told
            clock.after(after_ms * 1000, device.power_cut)
            clock.after(after_ms * 1000 + _BATTERY_BACK_US, device.power_on)

        world.do(lambda: setattr(device.radio, "on_advertising", on_air))
        return self.press(number)

    def unplug_head(self) -> None:
        """Pull the radio head's plug."""
        self.site.world.do(self.site.port.unplug)

    def plug_head(self, name: str) -> None:
        """Put it back; the port is now called `name`."""
        port = self.site.port
        self.site.world.do(partial(port.plug, port.path.with_name(name)))

    def acknowledge(self, press: Press) -> None:
        """Let the operator take the incident of `press`."""
        self._story.acknowledged(press, self.site.operator.acknowledge(press.incident))

    def wait(self, happened: Callable[[], bool], limit_s: float = _PATIENCE_S) -> bool:
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
        elif source == "shown":
            self.shown.append(detail[1])
        elif source == "operator":
            self.seen.append(detail)
        elif source == "gateway":
            self.said.append(detail)
        self._story.take(news)
