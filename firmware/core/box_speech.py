"""What a call box says next, most urgent first: alerts, reports, conditions, heartbeats.

Alerts go at the pace of the channel (`pace`); where both an emergency and a tamper are due, they take
turns. Nothing else is said by a frame that could do it later.
"""

from firmware.core.call_box import CallBox
from firmware.core.codec import Codec
from firmware.core.uplinks import (
    CONDITION,
    ENDED,
    FOR_EMERGENCY,
    FOR_HEARTBEAT,
    FOR_REPORT,
    FOR_TAMPER,
)
from protocol import kinds
from protocol.constants import TIME_UNKNOWN
from protocol.identity import next_first
from protocol.portable import const

FOREVER = const(-1)
NOTHING = const(-1)


class BoxSpeech:
    """Chooses words.

    Of the last one `urgent` tells whether it may use the airtime kept for alerts, `repeats` whether it is
    to be sent again until a gateway answers it.
    """

    __slots__ = (
        "_box",
        "_codec",
        "_heartbeat_s",
        "_tamper_next",
        "heartbeat_due_s",
        "repeats",
        "urgent",
    )

    def __init__(self, box: CallBox, codec: Codec, heartbeat_s: int, first_beat_s: int) -> None:
        """Say that the box lives at `first_beat_s`, and every `heartbeat_s` from then on."""
        self._box = box
        self._codec = codec
        self._heartbeat_s = heartbeat_s
        self._tamper_next = False
        self.heartbeat_due_s = first_beat_s
        self.urgent = False
        self.repeats = False

    def alert_due(self, paced: bool, now_ms: int) -> bool:
        """Say whether a frame of an alert is due; `paced`: it goes on LoRa as well."""
        box = self._box
        if paced and not box.pace.ready(now_ms):
            return False
        return box.emergency.due(now_ms) or box.tamper.due(now_ms)

    def alert_counter(self) -> int:
        """Return the highest counter that the next frame of an alert may take."""
        counter = self._codec.counter.next
        for incident in (self._box.emergency, self._box.tamper):
            if incident.begins(counter):
                return next_first(counter)
        return counter

    def alert_word(self, time: int, random_1024: int, now_ms: int) -> int:
        """Return the word of the alert that is due."""
        box = self._box
        tamper = box.tamper.due(now_ms) and (self._tamper_next or not box.emergency.due(now_ms))
        self._tamper_next = not tamper
        incident = box.tamper if tamper else box.emergency
        word = incident.word(self._codec.counter, self._told(time), now_ms)
        box.pace.sent(box.all_stored(), random_1024, now_ms)
        return self._say(word, FOR_TAMPER if tamper else FOR_EMERGENCY, True, now_ms)

    def other_word(self, time: int, data: int, now_ms: int, now_s: int) -> int:
        """Return the word of anything else that is due, or `NOTHING`; `data`: the page of a heartbeat."""
        box = self._box
        time = self._told(time)
        report = box.orders.next_report()
        if report != NOTHING:
            return self._say(report | time, FOR_REPORT, False, now_ms)
        code = box.conditions.due(now_s)
        if code != NOTHING:
            kind, value = box.conditions.tell(code, now_s)
            about = CONDITION | code | (ENDED if kind == kinds.RESTORE else 0)
            return self._say(kinds.condition_word(kind, code, value, time), about, False, now_ms)
        if now_s >= self.heartbeat_due_s and not box.alert_runs():
            self.heartbeat_due_s += self._heartbeat_s
            if self.heartbeat_due_s <= now_s:  # an alert was in the way
                self.heartbeat_due_s = now_s + self._heartbeat_s
            box.conditions.remind(now_s)
            word = kinds.heartbeat_word(1, box.uplinks.last_heard, data, time)
            return self._say(word, FOR_HEARTBEAT, False, now_ms)
        return NOTHING

    def other_due(self, now_s: int) -> bool:
        """Say whether anything but an alert is to be said now."""
        box = self._box
        return (
            box.orders.waiting()
            or box.conditions.due(now_s) != NOTHING
            or (now_s >= self.heartbeat_due_s and not box.alert_runs())
        )

    def alert_wait_ms(self, paced: bool, now_ms: int) -> int:
        """Return in how many ms a frame of an alert is due, or `FOREVER`."""
        box = self._box
        soonest = FOREVER
        for incident in (box.emergency, box.tamper):
            wait = incident.wait_ms(now_ms)
            if wait >= 0 and (soonest < 0 or wait < soonest):
                soonest = wait
        if soonest < 0 or not paced:
            return soonest
        return max(soonest, box.pace.wait_ms(now_ms))

    def other_wait_s(self, now_s: int) -> int:
        """Return in how many seconds anything else is due."""
        wait = max(0, self.heartbeat_due_s - now_s)
        if self._box.alert_runs():
            wait = self._heartbeat_s
        told = self._box.conditions.wait_s(now_s)
        return wait if told < 0 else min(wait, told)

    def _say(self, word: int, about: int, urgent: bool, now_ms: int) -> int:
        self._box.uplinks.sent(self._codec.counter.next, about, now_ms)
        self.urgent = urgent
        self.repeats = about == FOR_HEARTBEAT
        return word

    def _told(self, time: int) -> int:
        """Return the time that the next frame may tell (SPEC 5.1)."""
        return time if self._codec.counter.may_tell_time() else TIME_UNKNOWN
