"""What a panic button says next, most urgent first: alerts, visits, questions, reports, conditions, life.

frame                      on air              listens (SPEC 8)
alert, visit_end           until its refresh, at most 2 s; 300 ms where it is stored
                                               meanwhile and 600 ms longer
visit_start                8 s                 meanwhile; both end at the answer
query                      1 s                 the same
report                     300 ms              meanwhile
fault, restore             300 ms              meanwhile and 600 ms longer
heartbeat, even counter    120 ms              the same; both end at the first answer
on page 6                  120 ms              meanwhile and 300 ms longer, whoever answers
heartbeat, odd counter     120 ms              not at all, where the clock is known: an answer to it
                                               would prove nothing that the next one does not
"""

from firmware.core import heartbeat
from firmware.core.button import (
    ALERT,
    CONDITION,
    HEARTBEAT,
    NOTHING,
    QUERY,
    REPORT,
    VISIT_END,
    VISIT_START,
    Button,
)
from firmware.core.codec import Codec
from firmware.core.heartbeat import Pages
from firmware.core.query import BLE_MS
from firmware.core.visit import ASK_MS
from protocol import kinds
from protocol.constants import TIME_UNKNOWN
from protocol.kinds import NONE, RESTORE
from protocol.portable import const

_BURST_MS = const(300)  # of a frame whose incident is stored already
_LONGEST_BURST_MS = const(2_000)
_HEARTBEAT_BURST_MS = const(120)
_LISTEN_MS = const(600)  # window behind a burst
_WIDE_MS = const(300)  # behind a heartbeat that waits for the slower of two gateways


class ButtonSpeech:
    """Chooses words. `urgent` tells of the last one whether it is an alert, a cancel or of a visit."""

    __slots__ = ("_button", "_codec", "_pages", "urgent")

    def __init__(self, button: Button, codec: Codec, pages: Pages) -> None:
        """Speak for `button`; `pages` are what its heartbeats tell."""
        self._button = button
        self._codec = codec
        self._pages = pages
        self.urgent = False

    def next_word(self, time: int, now_ms: int) -> int:
        """Return the word to send now under `codec.counter.next`, or `NOTHING`."""
        button = self._button
        self.urgent = True
        if button.alert.due(now_ms):
            return self._alert(time, now_ms)
        if button.visit.start_due():
            return self._visit_start(time, now_ms)
        self.urgent = False
        if button.query.due():
            button.query.sent(now_ms)
            button.plan.begin(BLE_MS, 0, now_ms)
            return self._say(kinds.query_word(self._told(time)), QUERY, now_ms)
        if button.plan.advertising(now_ms):
            return NOTHING
        if button.visit.end_due(button.now_s):
            return self._visit_end(time, now_ms)
        if button.report != NOTHING:
            word = button.report | self._told(time)
            button.report = NOTHING
            button.plan.begin(_BURST_MS, 0, now_ms)
            return self._say(word, REPORT, now_ms)
        return NOTHING if button.alert.open else self._of_itself(time, now_ms)

    def _alert(self, time: int, now_ms: int) -> int:
        alert = self._button.alert
        counter = self._codec.counter
        if alert.overflows(counter.next):
            alert.raise_new(alert.kind, alert.duress, counter.skip_to_incident(), now_ms)
        word = alert.word(counter.next, self._told(time), now_ms)
        burst_ms = _BURST_MS
        if alert.felt == NONE:
            burst_ms = min(max(alert.wait_ms(now_ms), burst_ms), _LONGEST_BURST_MS)
        self._button.plan.begin(burst_ms, _LISTEN_MS, now_ms)
        return self._say(word, ALERT, now_ms)

    def _visit_start(self, time: int, now_ms: int) -> int:
        visit = self._button.visit
        visit.start_sent(self._codec.counter.skip_to_incident(), now_ms)
        self._button.plan.begin(ASK_MS, 0, now_ms)
        word = kinds.visit_start_word(0, visit.minutes, self._told(time))
        return self._say(word, VISIT_START, now_ms)

    def _visit_end(self, time: int, now_ms: int) -> int:
        visit = self._button.visit
        counter = self._codec.counter.next
        if not visit.nameable(counter):
            return self._visit_start(time, now_ms)
        self.urgent = True
        visit.end_sent(self._button.now_s)
        self._button.plan.begin(_LONGEST_BURST_MS, _LISTEN_MS, now_ms)
        block = (counter >> 4) - (visit.first >> 4)
        word = kinds.incident_word(kinds.VISIT_END, 0, NONE, block, self._told(time))
        return self._say(word, VISIT_END, now_ms)

    def _of_itself(self, time: int, now_ms: int) -> int:
        """Return the word for what is wrong with the device, or that it lives."""
        button = self._button
        code = button.conditions.due(button.now_s)
        if code >= 0:
            kind, value = button.conditions.tell(code, button.now_s)
            button.plan.begin(_BURST_MS, _LISTEN_MS, now_ms)
            about = CONDITION + 2 * code + (kind == RESTORE)
            return self._say(
                kinds.condition_word(kind, code, value, self._told(time)), about, now_ms
            )
        if not button.heartbeat_due:
            return NOTHING
        button.heartbeat_due = False
        counter = self._codec.counter.next
        listening = counter % 2 == 0 or time == TIME_UNKNOWN
        if listening:
            wide = counter % kinds.PAGES == kinds.PAGE_WIDE
            button.plan.begin(_HEARTBEAT_BURST_MS, _WIDE_MS if wide else _LISTEN_MS, now_ms)
        else:
            button.plan.begin_deaf(_HEARTBEAT_BURST_MS, now_ms)
        data = heartbeat.page_data(counter, self._pages, button.uplinks.marks)
        heard = button.uplinks.last_heard
        word = kinds.heartbeat_word(listening, heard, data, self._told(time))
        return self._say(word, HEARTBEAT, now_ms)

    def _say(self, word: int, about: int, now_ms: int) -> int:
        self._button.uplinks.sent(self._codec.counter.next, about, now_ms)
        return word

    def _told(self, time: int) -> int:
        """Return the time that the next frame may tell (SPEC 5.1)."""
        return time if self._codec.counter.may_tell_time() else TIME_UNKNOWN
