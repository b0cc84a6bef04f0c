"""The panic button without its rim: acks and time in; what is open, and what is felt, out.

What a hand does to it is in `button_hand`, what it says in `button_speech`, what the radio does in `plan`.
`quiet` lets the device sleep.
"""

from firmware.core import commands, indication, records
from firmware.core.alert import Alert
from firmware.core.codec import Codec
from firmware.core.conditions import Conditions
from firmware.core.query import Query
from firmware.core.radio_plan import GLANCE, LISTEN, OFF, RadioPlan
from firmware.core.ticks import sooner
from firmware.core.uplinks import Uplinks
from firmware.core.visit import Visit
from firmware.core.waiting import Waiting
from protocol import kinds
from protocol.kinds import CANCEL, COVERED, IDENTIFY, STORED, WALK_TEST
from protocol.portable import const

FOREVER = const(-1)
NOTHING = const(-1)

# What a frame was about
ALERT = const(0)
QUERY = const(1)
VISIT_START = const(2)
VISIT_END = const(3)
REPORT = const(4)
HEARTBEAT = const(5)
CONDITION = const(16)  # and twice its code, and 1 for a `RESTORE`

_DAY_S = const(86_400)


class Button:
    """State of a panic button between two moments."""

    __slots__ = (
        "_codec",
        "_commands",
        "alert",
        "changed",
        "conditions",
        "dark",
        "heartbeat_due",
        "indicator",
        "low_battery",
        "low_told_day",
        "now_s",
        "plan",
        "query",
        "report",
        "status_told",
        "test_until_s",
        "uplinks",
        "visit",
        "visit_min",
        "waiting",
    )

    def __init__(self, codec: Codec, alert: Alert, query: Query) -> None:
        """Take what differs from device to device."""
        self._codec = codec
        self._commands = commands.Commands((IDENTIFY, WALK_TEST))
        self.alert = alert
        self.changed = False  # since it was last written down
        self.conditions = Conditions(0)
        self.dark = False  # a silent alert: no light may betray it (SPEC 4, hold_up)
        self.heartbeat_due = False
        self.indicator = indication.Indicator()
        self.low_battery = False
        self.low_told_day = 0  # counted from 1
        self.now_s = 0  # a clock that runs on in sleep
        self.plan = RadioPlan()
        self.query = query
        self.report = NOTHING  # word, still without the time, that answers a command
        self.status_told = False  # a gateway has the status page
        self.test_until_s = 0
        self.uplinks = Uplinks()
        self.visit = Visit()
        self.visit_min = 30
        self.waiting = Waiting()

    # What a gateway says

    def heard(self, word: int, now_ms: int) -> None:
        """Take the word of a downlink that answers `codec.heard_counter`."""
        op = word >> 20
        arg = word >> 12 & 0xFF
        counter = self._codec.heard_counter
        if op >= commands.FIRST:
            self._command(op, arg, word >> 8 & 0xF, counter, now_ms)
        if not STORED <= op <= kinds.CLOSED:
            return
        self.changed = True
        about = self.uplinks.about(counter)
        self.uplinks.answered(counter, kinds.mark_bit(word), now_ms)
        if about == ALERT:
            self._heard_for_alert(op, counter, now_ms)
        elif about == QUERY:
            if self.query.open():
                self._answer_query(arg & COVERED == COVERED, now_ms)
        elif about == VISIT_START:
            self.plan.end(now_ms)
            self._feel(self.visit.start_answered(arg, self.now_s), now_ms)
        elif about == VISIT_END:
            self._feel(self.visit.end_answered(arg), now_ms)
        elif about == HEARTBEAT:
            self._heard_for_heartbeat(counter, now_ms)
        elif about >= CONDITION:
            kind = kinds.RESTORE if about & 1 else kinds.FAULT
            self.conditions.stored((about - CONDITION) >> 1, kind, self.now_s)

    def _heard_for_alert(self, op: int, counter: int, now_ms: int) -> None:
        was_cancel = self.alert.kind == CANCEL
        felt_before = self.alert.felt
        stage = self.alert.heard(op, counter, now_ms)
        if not stage:
            return
        self.plan.leave_air(now_ms)
        if was_cancel:
            self.indicator.show(indication.CANCELLED, now_ms)
        else:
            self._feel(self.waiting.reached(stage, felt_before, now_ms), now_ms)

    def _heard_for_heartbeat(self, counter: int, now_ms: int) -> None:
        page = counter % kinds.PAGES
        if page != kinds.PAGE_WIDE:
            self.plan.end(now_ms)
        self.status_told = self.status_told or page == kinds.PAGE_STATUS
        self.conditions.remind(self.now_s)
        self.feel_low_battery(now_ms)

    def _answer_query(self, covered: bool, now_ms: int) -> None:
        self.query.drop()
        self.plan.end(now_ms)
        self.indicator.show(indication.COVERED if covered else indication.NOT_COVERED, now_ms)
        if covered and self.visit.runs():
            self.indicator.show(indication.VISIT, now_ms)
        elif covered:
            self.feel_low_battery(now_ms)

    def _command(self, op: int, arg: int, seq: int, counter: int, now_ms: int) -> None:
        verdict = self._commands.judge(counter, op, arg, seq, self.alert.open)
        if verdict == commands.IGNORE:
            return
        self.report = kinds.report_word(op, seq, verdict == commands.DO, 0)
        if verdict == commands.DO and op == WALK_TEST:
            self.test_for(60 * arg, now_ms)
        elif verdict == commands.DO:
            self.indicator.show(indication.IDENTIFY, now_ms)

    def test_for(self, seconds: int, now_ms: int) -> None:
        """Be in test mode for so long; 0 ends it."""
        self.test_until_s = self.now_s + seconds
        if seconds:
            self._feel(indication.TEST_MODE, now_ms)

    # What time does

    def poll(self, now_ms: int, now_s: int) -> None:
        """Notice what did not happen in time."""
        self.now_s = now_s
        self.plan.poll(now_ms)
        if self.query.overdue(now_ms):
            self._answer_query(False, now_ms)
        was_asking = self.visit.asking()
        feeling = self.visit.poll(now_ms, now_s)
        if was_asking and not self.visit.asking():
            self.plan.end(now_ms)
        if self.alert.open:
            feeling = self.waiting.poll(self.alert.felt, now_ms)
        self._feel(feeling, now_ms)

    def resume(self, dark: bool, now_ms: int) -> None:
        """Go on with the alert that was open before a reset; its wearer feels what comes, not that."""
        self.alert.resume(self._codec.counter.next, now_ms)
        self.dark = dark
        self.waiting.begin(self.alert.felt, now_ms)

    def flags(self) -> int:
        """Return what a snapshot keeps of it in its flags."""
        flags = records.DARK if self.dark else 0
        if self.low_battery:
            flags |= records.LOW_BATTERY
        return flags | (records.LAST_HEARD if self.uplinks.last_heard else 0)

    def scan(self, now_ms: int) -> int:
        """Return `OFF`, `LISTEN` or `GLANCE`."""
        if self.plan.listening(now_ms):
            return LISTEN
        return GLANCE if self.alert.open else OFF

    def speaks(self, now_ms: int) -> bool:
        """Say whether a frame is to be sent, at once or soon."""
        return (
            self.alert.due(now_ms)
            or self.query.due()
            or self.visit.start_due()
            or self.visit.end_due(self.now_s)
            or self.report != NOTHING
            or self.heartbeat_due
            or self.conditions.due(self.now_s) >= 0
        )

    def quiet(self, now_ms: int) -> bool:
        """Say whether nothing is under way: the device may sleep."""
        return (
            not self.speaks(now_ms)
            and not self.alert.open
            and not self.query.open()
            and not self.visit.asking()
            and not self.plan.advertising(now_ms)
            and not self.plan.listening(now_ms)
            and not self.indicator.playing()
        )

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms something is due without an event, or `FOREVER`."""
        soonest = self.alert.wait_ms(now_ms)
        soonest = sooner(soonest, self.indicator.wait_ms(now_ms))
        soonest = sooner(soonest, self.plan.wait_ms(now_ms))
        soonest = sooner(soonest, self.query.wait_ms(now_ms))
        wait_s = self.visit.wait_s(self.now_s)
        return soonest if wait_s < 0 else sooner(soonest, 1_000 * max(1, wait_s))

    def _feel(self, what: int, now_ms: int) -> None:
        if what != indication.NOTHING:
            self.changed = True
            self.indicator.show(what, now_ms)

    def feel_low_battery(self, now_ms: int) -> None:
        """Say once a day that the battery is low, never in an alert."""
        today = self.now_s // _DAY_S + 1
        if self.low_battery and self.low_told_day != today and not self.alert.open:
            self.low_told_day = today
            self.indicator.show(indication.LOW_BATTERY, now_ms)
