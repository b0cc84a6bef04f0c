"""The panic button without its rim: gestures, acks and time in; words to send and indications out.

The composition root (`firmware/panic_button.py`) asks `next_word` what to send, tells `gesture` and
`heard`, and reads `radio` for what the radio is to do until `quiet`.
"""

from firmware.core import commands, heartbeat, indication, press
from firmware.core.alert import Alert
from firmware.core.codec import Codec
from firmware.core.ticks import add, diff
from protocol import kinds
from protocol.constants import TIME_UNKNOWN
from protocol.kinds import (
    ACKNOWLEDGED,
    CANCEL,
    COVERED,
    HEARD_WITHIN_MS,
    HOLD_UP,
    NONE,
    PAGE_WIDE,
    PAGES,
    PANIC,
    STORED,
)
from protocol.portable import const

FOREVER = const(-1)
NOTHING = const(-1)
_ASKED = const(-2)  # a query that is still to be sent

# What the radio does
OFF = const(0)
LISTEN = const(1)  # scan without a break
GLANCE = const(2)  # scan one fifth of the time

MAIN = const(0)  # contacts
SECOND = const(1)

_RAISING = (press.DOUBLE, press.TRIPLE, press.HOLD)

_BURST_MS = const(300)  # of a frame whose incident is stored already
_HEARTBEAT_BURST_MS = const(220)
_LISTEN_MS = const(600)  # window behind a burst
_QUERY_MS = const(1_000)
_NOT_RECEIVED_MS = const(10_000)  # no gateway for so long: say so, and say it again


class Button:
    """State of a panic button between two moments."""

    __slots__ = (
        "_advertise_until_ms",
        "_codec",
        "_commands",
        "_heartbeat",
        "_listen_until_ms",
        "_query",
        "_query_until_ms",
        "_report",
        "_sent",
        "_sent_ms",
        "_silence_ms",
        "alert",
        "dark",
        "heartbeat_due",
        "indicator",
        "last_heard",
        "marks",
    )

    def __init__(self, codec: Codec, slow_ms: int) -> None:
        """`slow_ms` is the heartbeat interval, to which an unanswered alert slows after an hour."""
        self._codec = codec
        self.alert = Alert(slow_ms)
        self.indicator = indication.Indicator()
        self.heartbeat_due = False
        self.last_heard = False  # the last frame was answered at once (SPEC 5.3)
        self.marks = 0  # by which gateways
        self.dark = False  # a silent alert: no light may betray it (SPEC 4, hold_up)
        self._heartbeat = NOTHING  # counter of the last heartbeat
        self._query = NOTHING  # counter of the open query
        self._query_until_ms = 0
        self._advertise_until_ms = 0
        self._listen_until_ms = 0
        self._commands = commands.Commands((commands.IDENTIFY,))
        self._report = NOTHING  # word, still without the time, that answers a command
        self._sent = NOTHING  # counter of the last frame
        self._sent_ms = 0
        self._silence_ms = 0  # since when no gateway answered the open alert

    def gesture(self, contact: int, gesture: int, now_ms: int) -> None:
        """Take a gesture of a contact."""
        if gesture == press.SHORT and contact == MAIN:
            if not self.alert.open:
                self._query = _ASKED
        elif gesture == press.LONG_HOLD and contact == MAIN:
            self.alert.cancel(self._codec.counter.next, now_ms)
        elif gesture in _RAISING:
            silent = contact == SECOND or gesture == press.TRIPLE
            self._raise(HOLD_UP if silent else PANIC, now_ms)

    def next_word(self, time: int, battery_mv: int, build: int, now_ms: int) -> int:
        """Return the word to send now under `codec.counter.next`, or `NOTHING`."""
        word = self._next_word(time, battery_mv, build, now_ms)
        if word != NOTHING:
            self._sent = self._codec.counter.next
            self._sent_ms = now_ms
            self.last_heard = False  # an answer to an older frame proves nothing of this one
            self.marks = 0
        return word

    def _next_word(self, time: int, battery_mv: int, build: int, now_ms: int) -> int:
        counter = self._codec.counter.next
        if self.alert.due(now_ms):
            if self.alert.overflows(counter):
                self.alert.raise_new(
                    self.alert.kind,
                    self.alert.duress,
                    self._codec.counter.skip_to_incident(),
                    now_ms,
                )
                counter = self._codec.counter.next
            word = self.alert.word(counter, self._told(time), now_ms)
            self._plan_alert_radio(now_ms)
            return word
        if self._query == _ASKED:
            self._query = counter
            self._query_until_ms = add(now_ms, _QUERY_MS)
            self._plan(_QUERY_MS, 0, now_ms)
            return kinds.query_word(self._told(time))
        if self._report != NOTHING and not self.advertising(now_ms):
            word = self._report | self._told(time)
            self._report = NOTHING
            self._plan(_BURST_MS, 0, now_ms)
            return word
        if self.heartbeat_due and not self.alert.open and not self.advertising(now_ms):
            self.heartbeat_due = False
            self._heartbeat = counter
            self._plan(_HEARTBEAT_BURST_MS, _LISTEN_MS, now_ms)
            data = heartbeat.page_data(counter, battery_mv, build, self.marks)
            return kinds.heartbeat_word(1, self.last_heard, data, self._told(time))
        return NOTHING

    def heard(self, word: int, now_ms: int) -> None:
        """Take the word of a downlink that answers `codec.heard_counter`."""
        op = word >> 20
        counter = self._codec.heard_counter
        if op >= commands.FIRST:
            self._command(op, word >> 12 & 0xFF, word >> 8 & 0xF, counter, now_ms)
        if not STORED <= op <= kinds.CLOSED:
            return
        if counter == self._sent and 0 <= diff(now_ms, self._sent_ms) <= HEARD_WITHIN_MS:
            self.last_heard = True
            self.marks |= kinds.mark_bit(word)
        if self._query == counter:
            arg = word >> 12 & 0xFF
            self._answer_query(
                indication.COVERED if arg & COVERED == COVERED else indication.NOT_COVERED, now_ms
            )
        elif self.alert.open:
            self._heard_for_alert(op, counter, now_ms)
        elif counter == self._heartbeat and counter % PAGES != PAGE_WIDE:
            self._listen_until_ms = self._advertise_until_ms = now_ms

    def poll(self, now_ms: int) -> None:
        """Notice what did not happen in time."""
        if not self.advertising(now_ms):
            self._advertise_until_ms = now_ms
        if diff(self._listen_until_ms, now_ms) <= 0:
            self._listen_until_ms = now_ms
        if self._query >= 0 and diff(now_ms, self._query_until_ms) >= 0:
            self._answer_query(indication.NOT_COVERED, now_ms)
        if self.alert.open and diff(now_ms, self._silence_ms) >= _NOT_RECEIVED_MS:
            self._silence_ms = now_ms
            if self.alert.felt == NONE:
                self.indicator.show(indication.NOT_RECEIVED, now_ms)

    def advertising(self, now_ms: int) -> bool:
        """Say whether the last frame is still to be on air."""
        return diff(self._advertise_until_ms, now_ms) > 0

    def scan(self, now_ms: int) -> int:
        """Return `OFF`, `LISTEN` or `GLANCE`."""
        if self.advertising(now_ms) or diff(self._listen_until_ms, now_ms) > 0:
            return LISTEN
        return GLANCE if self.alert.open else OFF

    def quiet(self, now_ms: int) -> bool:
        """Say whether nothing is under way: the device may sleep until its next heartbeat."""
        return (
            not self.alert.open
            and self._query == NOTHING
            and self._report == NOTHING
            and not self.heartbeat_due
            and self.scan(now_ms) == OFF
            and not self.indicator.playing()
        )

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms something is due without an event, or `FOREVER`."""
        soonest = FOREVER
        for wait in (
            self.alert.wait_ms(now_ms),
            self.indicator.wait_ms(now_ms),
            diff(self._advertise_until_ms, now_ms) if self.advertising(now_ms) else FOREVER,
            max(0, diff(self._query_until_ms, now_ms)) if self._query >= 0 else FOREVER,
            diff(self._listen_until_ms, now_ms)
            if diff(self._listen_until_ms, now_ms) > 0
            else FOREVER,
        ):
            if wait >= 0 and (soonest < 0 or wait < soonest):
                soonest = wait
        return soonest

    def _told(self, time: int) -> int:
        """Return the time that the next frame may tell (SPEC 5.1)."""
        return time if self._codec.counter.may_tell_time() else TIME_UNKNOWN

    def _heard_for_alert(self, op: int, counter: int, now_ms: int) -> None:
        self._silence_ms = now_ms
        was_cancel = self.alert.kind == CANCEL
        felt_before = self.alert.felt
        stage = self.alert.heard(op, counter, now_ms)
        if not stage:
            return
        self._advertise_until_ms = now_ms  # it was heard: leave the air to others
        if was_cancel:
            self.indicator.show(indication.CANCELLED, now_ms)
        elif stage == ACKNOWLEDGED:
            self.indicator.show(indication.HELP, now_ms)
        elif felt_before == NONE:
            self.indicator.show(indication.RECEIVED, now_ms)

    def _command(self, op: int, arg: int, seq: int, counter: int, now_ms: int) -> None:
        verdict = self._commands.judge(counter, op, arg, seq, self.alert.open)
        if verdict == commands.IGNORE:
            return
        self._report = kinds.report_word(op, seq, verdict == commands.DO, 0)
        if verdict == commands.DO:
            self.indicator.show(indication.IDENTIFY, now_ms)

    def _raise(self, kind: int, now_ms: int) -> None:
        if self.alert.open:
            self.dark = self.dark or kind == HOLD_UP
            self.alert.insist(self._codec.counter.next, now_ms)
        else:
            self.dark = kind == HOLD_UP
            self.alert.raise_new(kind, 0, self._codec.counter.skip_to_incident(), now_ms)
        self._query = NOTHING
        self._silence_ms = now_ms
        self.indicator.show(indication.SENT, now_ms)

    def _answer_query(self, what: int, now_ms: int) -> None:
        self._query = NOTHING
        self._advertise_until_ms = self._listen_until_ms = now_ms
        self.indicator.show(what, now_ms)

    def _plan_alert_radio(self, now_ms: int) -> None:
        if self.alert.felt == NONE:
            wait_ms = max(self.alert.wait_ms(now_ms), _BURST_MS)
            self._plan(min(wait_ms, 2_000), _LISTEN_MS, now_ms)
        else:
            self._plan(_BURST_MS, _LISTEN_MS, now_ms)

    def _plan(self, advertise_ms: int, listen_ms: int, now_ms: int) -> None:
        self._advertise_until_ms = add(now_ms, advertise_ms)
        self._listen_until_ms = add(now_ms, advertise_ms + listen_ms)
