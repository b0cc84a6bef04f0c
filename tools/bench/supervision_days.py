"""Who is called missing that is not: thousands of device-days of heartbeats on an air that loses them.

    device        role        interval            a heartbeat is
    worn button   `button`    900 s, 0.5 to 1.5   a burst of 120 ms by BLE: 4 to 6 transmissions that count
    fixed button  `button`    300 s               the same
    call box      `call_box`  300 s               up to four transmissions by LoRa, until one is answered

A burst advertises every 20 ms and a random 0 to 10 ms more (SPEC 8; `firmware.core.button_speech`), on
three channels of which the head listens to one: an advertising event is one transmission that may be heard.
Of each, the share `loss` is lost, answers too; an answered heartbeat is certified as SPEC 5.3 has it. What
is heard is judged by the gateway's own `freshness` and `decisions.note_signs`, and its own `Supervision`
says who is late and missing. Every word of it is counted: all of these devices live, so each `missing` is
false.
"""

import heapq
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from gateway import decisions
from gateway.events import Received, Uplink, Verdict
from gateway.frames.bearing import Bearing, judged
from gateway.frames.device import Device
from gateway.frames.device_state import DeviceState
from gateway.frames.freshness import ends
from gateway.ledger import Committed, Ledger
from gateway.watching.duty import FIXED, Rule
from gateway.watching.presence import Presence
from gateway.watching.supervision import Supervision
from protocol.keys import Keys
from protocol.kinds import PAGES, device_time
from protocol.messages import Heartbeat

LOSS = 0.2
DAY_S = 86_400.0
_MARK = 1
_BURST_S = 0.120
_ADVERTISE_S = 0.020
_DELAY_S = 0.010
_ANSWERS = 20  # advertised every 20 ms in a window of 600 ms: far more are on air than are needed
_LOOK_S = 30.0  # the gateway looks so often, whatever is due
_DAYS_EACH = 20.0
_DEVICES_MIN = 20
_KEYS = Keys(bytes(16))
_FRAME = bytes(15)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of device, and which share of the device-days is played with it."""

    name: str
    role: str
    medium: str
    heartbeat_s: int
    spread: bool
    share: float
    sends: int = 1  # a heartbeat that nobody answers (SPEC 9)


SORTS = (
    Sort("worn button", "button", "ble", 900, spread=True, share=0.7),
    Sort("fixed button", "button", "ble", 300, spread=False, share=0.15),
    Sort("call box", "call_box", "lora", 300, spread=False, share=0.15, sends=4),
)


@dataclass(frozen=True, slots=True)
class Days:
    """What was told in so many device-days: by sort of device and kind of news."""

    device_days: float
    heartbeats: int
    lost: int
    told: Counter[tuple[str, str]]

    @property
    def false_missing(self) -> int:
        """Return how often a living device was called missing."""
        return sum(count for (_, news), count in self.told.items() if news == "missing")


class Beating:
    """The heart of one device: when it beats, and what of it is heard."""

    def __init__(self, sort: Sort, name: str, rng: random.Random, loss: float) -> None:
        """Take the chances."""
        self.sort, self.name = sort, name
        self._rng, self._loss = rng, loss
        self._counter = rng.randrange(PAGES)
        self._answered = False
        self.first_s = rng.random() * sort.heartbeat_s

    def next_s(self, now_s: float) -> float:
        """Return when it beats again."""
        share = 0.5 + self._rng.random() if self.sort.spread else 1.0
        return now_s + self.sort.heartbeat_s * share

    def beat(self, now_s: float) -> Uplink | None:
        """Return the heartbeat of now as it is heard, or None where it is lost."""
        self._counter += 1
        answered, self._answered = self._answered, False
        odd = self._counter % 2
        listening = self.sort.medium == "lora" or not odd
        heard = False
        for _ in range(self.sort.sends):
            if self._heard():
                heard = True
                self._answered = listening and self._answer_heard()
            if self._answered:
                break
        if not heard:
            return None
        marks = 1 << _MARK - 1 if answered and odd else 0
        time = device_time(int(now_s), known=True)
        message = Heartbeat(int(listening), int(answered), marks, time)
        received = Received(_FRAME, "head", self.sort.medium, -70, 0, now_s, now_s)
        return Uplink(
            self.name, self._counter, message, Verdict.FRESH, in_order=True, received=received
        )

    def _heard(self) -> bool:
        if self.sort.medium == "lora":
            return self._rng.random() >= self._loss
        at_s = self._rng.random() * _DELAY_S
        while at_s < _BURST_S:
            if self._rng.random() >= self._loss:
                return True
            at_s += _ADVERTISE_S + self._rng.random() * _DELAY_S
        return False

    def _answer_heard(self) -> bool:
        many = 1 if self.sort.medium == "lora" else _ANSWERS
        return any(self._rng.random() >= self._loss for _ in range(many))


class Site:
    """A gateway and the devices that it supervises, all of them alive."""

    def __init__(self, beating: list[Beating]) -> None:
        """Begin at second 0 with devices that were just enrolled."""
        self._beating = {one.name: one for one in beating}
        devices = {one.name: _device(slot, one) for slot, one in enumerate(beating, 1)}
        states = {name: DeviceState() for name in devices}
        self._known = Ledger(devices, states, bearing=Bearing(_MARK, 0.0))
        rules = (Rule(role="button", duty=FIXED),)  # on duty all the time: the hardest case
        self._watcher = Supervision(rules, ("head",), self._known, 0.0)
        self._due_s = 0.0
        self.heartbeats = self.lost = 0
        self.told: Counter[tuple[str, str]] = Counter()

    def run(self, seconds: float) -> None:
        """Let all hearts beat for so long."""
        due = [(one.first_s, name) for name, one in self._beating.items()]
        heapq.heapify(due)
        while due[0][0] < seconds:
            now_s, name = due[0]
            one = self._beating[name]
            heapq.heapreplace(due, (one.next_s(now_s), name))
            uplink = one.beat(now_s)
            self.heartbeats += 1
            if uplink is None:
                self.lost += 1
                continue
            while self._due_s <= now_s:  # the gateway looks whenever it said that it would
                self._step(self._due_s)
            self._hear(uplink)

    def _hear(self, uplink: Uplink) -> None:
        """Take a heartbeat; a batch of its own only where somebody waits for it."""
        name, now_s = uplink.device, uplink.received.at
        state = self._known.states[name]
        before = state if self._waited_for(name) else None
        if before is not None:
            state = before.copy()
        heartbeat_s = self._known.devices[name].heartbeat_s
        uplink = judged(uplink, state, heartbeat_s, self._known.bearing)
        decisions.note_signs(state, uplink, heartbeat_s, self._known.bearing)
        state.window.highest = uplink.counter
        state.heard_by, state.medium = uplink.received.radio, uplink.received.medium
        if ends(uplink):
            state.heard_at = now_s
        if before is not None:
            self._step(now_s, {name: state})

    def _waited_for(self, name: str) -> bool:
        known = self._known.watched.get(name)
        return known is None or known.state is not Presence.HEARD

    def _step(self, now_s: float, heard: Mapping[str, DeviceState] | None = None) -> None:
        batch = self._known.batch(now_s, now_s)
        batch.states |= heard or {}
        due_s = min(self._watcher.judge(batch), now_s + _LOOK_S)
        self._due_s = max(due_s, now_s + 0.001)
        for entry in batch.journal:
            sort = self._beating[entry.device or ""].sort.name
            self.told[sort, entry.name] += 1
        if not batch.empty:
            self._known.adopt(Committed(batch, now_s))


def _device(slot: int, one: Beating) -> Device:
    sort = one.sort
    return Device(slot, one.name, sort.role, "", "", sort.heartbeat_s, 0, 0.0, _KEYS)


def play(
    device_days: float, seed: int, loss: float = LOSS, sorts: tuple[Sort, ...] = SORTS
) -> Days:
    """Live `device_days` device-days of all `sorts`, by chances drawn from `seed`."""
    rng = random.Random(f"supervision {seed}")
    devices = max(device_days / _DAYS_EACH, _DEVICES_MIN)
    beating = [
        Beating(sort, f"{sort.name} {number}", rng, loss)
        for sort in sorts
        for number in range(round(devices * sort.share))
    ]
    site = Site(beating)
    site.run(device_days / len(beating) * DAY_S)
    return Days(device_days, site.heartbeats, site.lost, site.told)


def false_missing(device_days: float = 10_000.0, seed: int = 1) -> int:
    """Return how many of the devices that live were called missing."""
    return play(device_days, seed).false_missing
