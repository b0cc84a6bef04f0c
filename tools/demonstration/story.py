"""From news of a site to the timeline of its presses: the one place that knows what each piece means."""

from typing import Any

from tools.demonstration.operator import Seen
from tools.demonstration.site import News
from tools.demonstration.timeline import Press, Timeline

_GATEWAY_STAGES = ("received", "stored", "delivered")
# What a wearer feels, or a call box shows. Who knows that help comes knows that the alert was received.
_FELT_STAGES = {
    "received": ("felt_stored",),
    "stored": ("felt_stored",),
    "delivered": ("felt_stored",),
    "help": ("felt_stored", "felt_acknowledged"),
}
RAISED = "tocsin.alert.raised"
TAKEN = "tocsin.alert.acknowledged"


class Story:
    """Takes news in any order; returns what is worth showing."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.timeline = Timeline()
        self.faults: set[str] = set()
        self._last_advert: dict[str, bytes] = {}

    def take(self, news: News) -> tuple[Press | None, str] | None:
        """Fold one piece in; return (press, stage or event) if it is new to a person."""
        source, at_s, detail = news
        told: tuple[Press | None, str] | None
        if source == "air":
            told = self._on_air(at_s, *detail)
        elif source in ("felt", "shown"):
            told = self._felt(at_s, source, *detail)
        elif source == "gateway":
            told = self._gateway(at_s, detail)
        else:
            told = self._operator(detail)
        return told

    def acknowledged(self, press: Press, at_s: float) -> None:
        """The operator has said that a person is coming."""
        press.at.setdefault("acknowledged", at_s)

    def _on_air(self, at_s: float, device: str, data: bytes) -> tuple[Press | None, str] | None:
        fresh = self._last_advert.get(device) != data
        self._last_advert[device] = data
        press = self._current(device)
        if not fresh or press is None or at_s < press.complete_s:
            return None
        return self._stage(device, "on_air", at_s)

    def _felt(
        self, at_s: float, source: str, device: str, name: str
    ) -> tuple[Press | None, str] | None:
        press = self._current(device)
        for stage in _FELT_STAGES.get(name, ()):
            self._stage(device, stage, at_s)
        return press, f"{source}_{name}"

    def _gateway(self, at_s: float, line: dict[str, Any]) -> tuple[Press | None, str] | None:
        event = line["event"]
        if event in _GATEWAY_STAGES and "incident" in line:
            press = self.timeline.incident(line["incident"], line["device"], event, at_s)
            return None if press is None else (press, event)
        if event in ("fault", "restore"):
            code = str(line.get("code", ""))
            (self.faults.add if event == "fault" else self.faults.discard)(code)
            return None, f"{event} {code}"
        return (None, event) if event in ("started", "stopped") else None

    def _operator(self, seen: Seen) -> tuple[Press | None, str] | None:
        if seen.type == RAISED:
            incident, device = seen.data["incident"], seen.data["device"]
            self.timeline.seen_raised(seen.id, incident, device)
            return self.timeline.incident(incident, device, "alerted", seen.unix_s), "alerted"
        return None, seen.type

    def _stage(self, device: str, stage: str, at_s: float) -> tuple[Press | None, str] | None:
        press = self.timeline.stage(device, stage, at_s)
        return None if press is None else (press, stage)

    def _current(self, device: str) -> Press | None:
        return next((p for p in reversed(self.timeline.presses) if p.device == device), None)
