"""The demo without a person: twenty presses, a broker outage, a killed gateway, and the account of it."""

import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from tools import micropython
from tools.demonstration.operator import Seen
from tools.demonstration.site import News, Site
from tools.demonstration.story import RAISED, TAKEN, Story
from tools.demonstration.timeline import STAGES, Press

_PLAIN_ROUNDS = (4, 4)  # of two presses, before and after the accidents
_PRESS_LIMIT_S = 12.0
_OPERATOR_TAKES_S = 0.3
_OPERATOR_REPEATS_S = 1.0
OUTAGE = "broker outage"
KILLED = "gateway killed"

# What one wearer does; it yields until it may go on.
Wearer = Iterator[Callable[[], bool]]


class Script:
    """Plays on a started site and keeps its story."""

    def __init__(self, site: Site, seed: int, tell: Callable[[str], None]) -> None:
        """`tell` is given a line for each thing that happens."""
        self.story = Story()
        self._site = site
        self._rng = random.Random(seed)
        self._tell = tell
        self._to_acknowledge: dict[str, float] = {}  # incident -> when to say that somebody comes

    def play(self) -> None:
        """Play all of it."""
        self._together([self._presses(number, _PLAIN_ROUNDS[0]) for number in (0, 1)])
        self._broker_outage()
        self._gateway_killed()
        self._together([self._presses(number, _PLAIN_ROUNDS[1]) for number in (0, 1)])

    def _presses(self, number: int, count: int) -> Wearer:
        for turn in range(count):
            kind = "panic" if turn % 2 == number else "hold_up"
            yield from self._press_to_the_end(self._press(number, kind))

    def _press_to_the_end(self, press: Press) -> Wearer:
        limit_s = time.monotonic() + _PRESS_LIMIT_S
        yield lambda: "felt_acknowledged" in press.at or time.monotonic() > limit_s

    def _broker_outage(self) -> None:
        self._tell(f"--- {OUTAGE}")
        self._site.stop_broker()
        presses = [self._press(number, "panic", OUTAGE) for number in (0, 1)]
        self._until(lambda: all("felt_stored" in press.at for press in presses), _PRESS_LIMIT_S)
        self._site.start_broker()
        self._together([self._press_to_the_end(press) for press in presses])

    def _gateway_killed(self) -> None:
        """Kill -9 within the 400 ms around the moment the gesture is complete."""
        self._tell(f"--- {KILLED}")
        presses = [self._press(number, "panic", KILLED) for number in (0, 1)]
        kill_s = presses[0].complete_s + self._rng.uniform(-0.1, 0.3)
        self._until(lambda: time.time() >= kill_s, 2.0)
        self._site.gateway.kill()
        self._site.gateway.start(wait=False)
        self._together([self._press_to_the_end(press) for press in presses])

    def _press(self, number: int, kind: str, note: str = "") -> Press:
        press = self._site.press(number, kind, note)
        self.story.timeline.begin(press)
        return press

    def _together(self, wearers: list[Wearer]) -> None:
        """Let several wearers act at the same time, each going on as soon as it may."""
        waits = {id(wearer): (wearer, next(wearer)) for wearer in wearers}
        while waits:
            self._take_news()
            for key, (wearer, ready) in list(waits.items()):
                if ready():
                    following = next(wearer, None)
                    if following is None:
                        del waits[key]
                    else:
                        waits[key] = (wearer, following)

    def _until(self, happened: Callable[[], bool], limit_s: float) -> None:
        until_s = time.monotonic() + limit_s
        while not happened() and time.monotonic() < until_s:
            self._take_news()

    def _take_news(self) -> None:
        """Fold in what waits, at most for a moment, and let the operator act on it."""
        for news in self._site.pending(0.01):
            self._one(news)
        now_s = time.monotonic()
        for incident, due_s in self._to_acknowledge.items():
            if due_s <= now_s and self._site.operator.connected:
                said_s = self._site.operator.acknowledge(incident)
                self._to_acknowledge[incident] = now_s + _OPERATOR_REPEATS_S
                for press in self.story.timeline.presses:
                    if press.incident == incident:
                        self.story.acknowledged(press, said_s)

    def _one(self, news: News) -> None:
        told = self.story.take(news)
        if told is not None:
            press, what = told
            ms = "" if press is None else f"{(news[1] - press.complete_s) * 1000:9.1f} ms"
            self._tell(f"{press.device if press else '':10} {what:28} {ms}")
        if isinstance(news[2], Seen):
            self._operator_acts(news[2])

    def _operator_acts(self, seen: Seen) -> None:
        """Take what is raised, and say so again until the gateway confirms it: it may be down."""
        if seen.type == RAISED:
            due_s = time.monotonic() + _OPERATOR_TAKES_S
            self._to_acknowledge.setdefault(seen.data["incident"], due_s)
        elif seen.type == TAKEN:
            self._to_acknowledge.pop(seen.data["incident"], None)


def reconcile(story: Story, site: Site) -> None:
    """Take from the gateway's journal what it had no time to log: it was killed in between."""
    for incident in json.loads(site.gateway.ask("incidents", "--json")):
        for entry in incident["timeline"]:
            stage = {"raised": "stored", "delivered": "delivered"}.get(entry["event"])
            if stage is not None:
                found = incident["incident"], incident["device"]
                story.timeline.incident(*found, stage, entry["at"])


def _micropython_version() -> str:
    found = micropython.probe(tuple(micropython.command()))
    return "" if found is None else ".".join(map(str, found.version))


def report(story: Story, site: Site) -> dict[str, Any]:
    """Return the account of a run, as `tools/demo --json` writes it."""
    timeline = story.timeline
    return {
        "micropython": _micropython_version(),
        "presses": [
            {
                "device": press.device,
                "kind": press.kind,
                "note": press.note,
                "recognition_ms": round(press.recognition_ms, 1),
                "wake_ms": press.wake_ms,
                **{stage: press.ms(stage) for stage in STAGES},
            }
            for press in timeline.presses
        ],
        "lost": timeline.lost(),
        "duplicated": timeline.duplicated(),
        "percentiles_ms": timeline.percentiles(),
        "gateway_resident_mb": site.gateway.resident_mb(),
    }
