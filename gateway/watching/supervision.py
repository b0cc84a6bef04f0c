"""Which devices are heard, late or missing. Pure: the silence is measured in gateway time.

Only a fresh frame is a sign of life (SPEC 5.5), and only time in which the gateway listened is silence.
After a start a device that was silent before is given one heartbeat more, and one whose clock the gateway
does not know yet, so that none of its frames can be fresh, twice the time.
"""

import heapq
from dataclasses import replace

from gateway.frames.device_state import DeviceState
from gateway.ledger import Batch, Ledger
from gateway.watching.device_news import tell
from gateway.watching.duty import FIXED, WORN, Limits, Rule, limits
from gateway.watching.listening import Listening
from gateway.watching.presence import TRANSITIONS, Presence, Watched

_LOOK_AGAIN_S = 30.0  # while nobody listens, nothing is due
_SOON_S = 1.0


class Supervision:
    """The watcher of the devices. What it keeps beside the ledger is when to look at which of them."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        radios: tuple[str, ...],
        known: Ledger,
        now: float,
    ) -> None:
        """Begin at `now`, gateway time, with what is `known`."""
        self._rules = rules
        self._listening = Listening(radios, now)
        self._limits: dict[str, Limits] = {}
        self._due: list[tuple[float, str]] = []
        self._planned: dict[str, float] = {}
        for name in known.devices:
            self._plan(name, now)
        self._begin(known, now)

    def judge(self, batch: Batch) -> float:
        """Change the states that have to change at `batch.now`; return when to come back."""
        self._listening.look(batch)
        for name in batch.devices:
            self._limits.pop(name, None)
            self._plan(name, batch.now)
        for name, state in batch.states.items():
            if name not in batch.unenrolled:
                self._hear(batch, name, state)
        while self._due and self._due[0][0] <= batch.now:
            due_s, name = heapq.heappop(self._due)
            if self._planned.get(name) == due_s:
                del self._planned[name]
                if name not in batch.unenrolled and _known(batch, name):
                    self._look(batch, name)
        return self._due[0][0] if self._due else float("inf")

    def limits(self, batch: Batch, name: str) -> Limits:
        """Return how a device is judged."""
        if name not in self._limits:
            device = batch.devices.get(name) or batch.known.devices[name]
            self._limits[name] = limits(self._rules, device)
        return self._limits[name]

    def _begin(self, known: Ledger, now: float) -> None:
        """Say since when each device is silent: by those heard last the gateway lived until then."""
        last = max((state.heard_at or 0.0 for state in known.states.values()), default=0.0)
        for name, device in known.devices.items():
            state = known.states[name]
            allowed = limits(self._rules, device)
            if state.heard_at is not None and state.clock.line is not None:
                silent_s = max(last - state.heard_at, 0.0)
                since_s = now - min(silent_s, allowed.missing_s - allowed.grace_s)
            else:
                since_s = now
            state.signs = state.signs.alive(since_s, asked=False)

    def _hear(self, batch: Batch, name: str, state: DeviceState) -> None:
        """Take a sign of life that this batch holds."""
        before = batch.known.states.get(name)
        if state.signs.alive_s is None:  # enrolled just now: from here on it should be heard
            state.signs = state.signs.alive(batch.now, asked=False)
        if before is None or state.heard_at is None:
            self._plan(name, batch.now + _SOON_S)
            return
        if (before.signs.alive_s, before.heard_at) == (state.signs.alive_s, state.heard_at):
            return
        allowed = self.limits(batch, name)
        watched = self._check_in(batch, name, state, allowed)
        if watched.state is Presence.MISSING:
            self._hear_again(batch, name, watched, state, allowed)
        elif watched.state is Presence.OFF_DUTY and _on_duty(batch, watched, allowed, heard=True):
            self._turn(batch, name, watched, "on_duty", state)
        elif watched.state in (Presence.EXPECTED, Presence.LATE):
            self._turn(batch, name, watched, "heard", state)
        self._plan(name, batch.now + allowed.late_s)

    def _check_in(self, batch: Batch, name: str, state: DeviceState, allowed: Limits) -> Watched:
        """Let the duty of a worn device begin where its wearer has just asked whether she is covered."""
        watched, asked_s = batch.watched_of(name), state.signs.asked_s
        known_s = batch.known.states[name].signs.asked_s
        if asked_s is None or asked_s == known_s or allowed.duty != WORN:
            return watched
        batch.watched[name] = replace(watched, duty_until_s=asked_s + allowed.shift_s)
        return batch.watched[name]

    def _hear_again(
        self, batch: Batch, name: str, watched: Watched, state: DeviceState, allowed: Limits
    ) -> None:
        """One frame is no return: at the edge of the range a device would flap."""
        alive_s, back_s = state.signs.alive_s or batch.now, watched.back_s
        if back_s is not None and alive_s - back_s > allowed.late_s:
            back_s = None
        if back_s is None:
            batch.watched[name] = replace(watched, back_s=alive_s)
        elif alive_s - back_s >= allowed.longest_s / 4:
            self._turn(batch, name, watched, "heard_again", state)

    def _look(self, batch: Batch, name: str) -> None:
        """Judge a device, and plan when to look again."""
        state, watched = batch.state(name), batch.watched_of(name)
        allowed = self.limits(batch, name)
        if watched.state is Presence.MISSING:
            return  # until it is heard
        heard = watched.state not in (Presence.OFF_DUTY, Presence.EXPECTED)
        if _on_duty(batch, watched, allowed, heard=heard):
            self._judge_silence(batch, name, watched, state, allowed)
        elif watched.state is not Presence.OFF_DUTY:
            self._turn(batch, name, watched, "off_duty", state)

    def _judge_silence(
        self, batch: Batch, name: str, watched: Watched, state: DeviceState, allowed: Limits
    ) -> None:
        ear, since = (state.heard_by, state.medium), state.signs.alive_s
        if since is None or self._listening.shut(*ear):
            self._plan(name, batch.now + _LOOK_AGAIN_S)
            return
        allowed = allowed.given(state.signs)
        silent_s = self._listening.listened_s(*ear, since, batch.now)
        patience = 1 if state.clock.line is not None else 2
        missing_s, late_s = patience * allowed.missing_s, patience * allowed.late_s
        if silent_s >= missing_s:
            self._turn(batch, name, watched, "missing", state)
        elif silent_s >= late_s and watched.state is not Presence.LATE:
            self._turn(batch, name, watched, "late", state)
        else:
            due_s = missing_s if silent_s >= late_s else late_s
            self._plan(name, batch.now + max(due_s - silent_s, _SOON_S))

    def _turn(
        self, batch: Batch, name: str, watched: Watched, happened: str, state: DeviceState
    ) -> None:
        """Go to the next state, and tell it."""
        after, told = TRANSITIONS[watched.state, happened]
        batch.watched[name] = replace(watched, state=after, since=batch.at, back_s=None)
        if told is not None:
            detail: dict[str, object] = {
                "code": told,
                "was": watched.state.value,
                "heard_at": state.heard_at,
                "radio": state.heard_by,
            }
            if happened == "off_duty":
                detail["why"] = happened
            tell(batch, name, told, batch.at, detail)
        self._plan(name, batch.now + _SOON_S)  # also where this is not committed

    def _plan(self, name: str, due_s: float) -> None:
        """Look at a device at `due_s` at the latest."""
        if due_s < self._planned.get(name, float("inf")):
            self._planned[name] = due_s
            heapq.heappush(self._due, (due_s, name))


def _on_duty(batch: Batch, watched: Watched, allowed: Limits, *, heard: bool) -> bool:
    """Say whether a device must be heard now; `heard`: it was, since its hours have begun."""
    if allowed.duty != WORN:
        return allowed.duty == FIXED
    in_hours = heard and allowed.hours is not None and allowed.hours.stands(batch.at)
    return in_hours or batch.now < watched.duty_until_s


def _known(batch: Batch, name: str) -> bool:
    return name in batch.devices or name in batch.known.devices
