"""The call box without its rim; what it does on the real MicroPython is in `test_call_box_*`."""

import itertools

from firmware.core import signs
from firmware.core.box_record import BoxRecord, unpack
from firmware.core.box_speech import NOTHING, BoxSpeech
from firmware.core.call_box import CallBox
from firmware.core.codec import Codec
from firmware.core.counter import Counter
from firmware.core.ticks import add
from protocol.kinds import (
    ACKNOWLEDGED,
    CABINET_OPEN,
    CLOSED,
    COVERED,
    DELIVERED,
    EMERGENCY,
    FAULT,
    HEARTBEAT,
    IDENTIFY,
    LIGHT,
    MAINS_LOST,
    REPORT,
    RESTORE,
    SIREN,
    STORED,
    TAMPER,
    TEST,
    WALK_TEST,
    downlink_word,
)
from protocol.messages import Condition, IncidentMessage, Message, Report, parse_uplink

HEARTBEAT_S = 300
SIREN_S = 60
ON_AIR_MS = 165
FIRST = 640
NOTHING_KEPT = BoxRecord().pack()


class Hand:
    """A box core with time moved by the test; it sends whatever is due, as the program does."""

    def __init__(
        self, kept: bytes = NOTHING_KEPT, *, paced: bool = True, after: int = FIRST
    ) -> None:
        self.codec = Codec(bytes(16), Counter(10_000, after + 1))
        self.now_ms = (1 << 30) - 3_000  # ticks wrap soon
        self.now_s = 5_000
        self.passed_ms = 0
        self.box = CallBox(
            HEARTBEAT_S * 1000,
            SIREN_S,
            ON_AIR_MS,
            unpack(kept),
            self.codec.counter.next,
            self.now_ms,
        )
        self.speech = BoxSpeech(self.box, self.codec, HEARTBEAT_S, self.now_s + 100)
        self.paced = paced
        self.silent = False  # the radio takes nothing
        self.sent: list[tuple[int, int, Message]] = []

    def press(self) -> None:
        self.box.pressed(self.now_s)
        self.turn()

    def ack(self, op: int, *, back: int = 0, arg: int = COVERED, seq: int = 0) -> None:
        """Answer the frame sent last, or `back` before it."""
        counter = self.sent[-1 - back][1]
        self.box.heard(downlink_word(op, arg, seq, 0), counter, 0, self.now_ms, self.now_s)
        self.turn()

    def command(self, op: int, arg: int, seq: int = 1) -> Report:
        self.ack(op, arg=arg, seq=seq)
        report = self.sent[-1][2]
        assert isinstance(report, Report)
        return report

    def wait(self, seconds: int) -> None:
        step_ms = 250 if seconds <= 100 else 1_000
        for _ in range(1_000 // step_ms * seconds):
            self.now_ms = add(self.now_ms, step_ms)
            self.passed_ms += step_ms
            self.now_s = 5_000 + self.passed_ms // 1_000
            self.turn()

    def turn(self) -> None:
        self.box.poll(self.now_ms, self.now_s)
        if self.silent:
            return
        while (word := self._word()) != NOTHING:
            counter = self.codec.counter.next
            self.codec.send(word)
            self.sent.append((self.now_s, counter, parse_uplink(word.to_bytes(3, "big"))))
        self.box.poll(self.now_ms, self.now_s)

    def _word(self) -> int:
        if self.speech.alert_due(self.paced, self.now_ms):
            return self.speech.alert_word(100, 0, self.now_ms)
        return self.speech.other_word(100, 0, self.now_ms, self.now_s)

    def kinds(self) -> list[int]:
        return [message.word() >> 20 for _, _, message in self.sent]

    def of(self, kind: int) -> list[tuple[int, IncidentMessage]]:
        return [
            (counter, message)
            for _, counter, message in self.sent
            if isinstance(message, IncidentMessage) and message.kind == kind
        ]

    def firsts(self, kind: int) -> set[int]:
        """Return the first counters of the incidents that frames of `kind` name."""
        return {((counter >> 4) - message.block) << 4 for counter, message in self.of(kind)}

    @property
    def sign(self) -> int:
        return self.box.signs.sign


def test_one_press_is_an_emergency_at_a_multiple_of_16() -> None:
    hand = Hand()
    hand.press()
    assert hand.of(EMERGENCY) == [(FIRST + 16, IncidentMessage(EMERGENCY, 0, 0, 0, 100))]
    assert hand.sign == signs.CALLING
    assert hand.box.signs.siren


def test_stages_drive_light_and_siren_and_a_person_ends_it() -> None:
    hand = Hand()
    hand.press()
    seen = [hand.sign]
    for op in (STORED, DELIVERED, ACKNOWLEDGED):
        hand.ack(op)
        seen.append(hand.sign)
        hand.wait(1)
    assert seen == [signs.CALLING, signs.STORED, signs.DELIVERED, signs.HELP]
    assert not hand.box.signs.siren
    assert hand.of(EMERGENCY)[-1][1].felt == ACKNOWLEDGED
    count = len(hand.of(EMERGENCY))
    hand.wait(600)
    assert len(hand.of(EMERGENCY)) == count
    assert not hand.box.alert_runs()


def test_help_is_shown_until_it_is_closed_or_for_half_an_hour() -> None:
    hand = Hand()
    hand.press()
    hand.ack(ACKNOWLEDGED)
    hand.wait(100)
    assert hand.sign == signs.HELP
    hand.ack(CLOSED, back=hand.kinds()[::-1].index(EMERGENCY))
    assert hand.sign == signs.DARK
    other = Hand()
    other.press()
    other.ack(ACKNOWLEDGED)
    other.wait(1_795)
    assert other.sign == signs.HELP
    other.wait(10)
    assert other.sign == signs.DARK


def test_closed_at_once_is_shown_as_help_for_a_moment() -> None:
    hand = Hand()
    hand.press()
    hand.ack(CLOSED)
    assert hand.sign == signs.HELP
    hand.wait(11)
    assert hand.sign == signs.DARK


def test_an_alert_nobody_hears_goes_on_and_is_never_given_up() -> None:
    hand = Hand()
    hand.press()
    hand.wait(3_700)
    assert hand.box.alert_runs()
    assert hand.sign == signs.CALLING
    assert len(hand.firsts(EMERGENCY)) >= 1
    times = [at for at, _, message in hand.sent if isinstance(message, IncidentMessage)]
    assert max(b - a for a, b in itertools.pairwise(times)) <= 301
    in_an_hour = [at for at in times if at - times[0] < 3600]
    assert len(in_an_hour) <= 512
    assert len(in_an_hour) * ON_AIR_MS <= 360_000


def test_without_lora_the_schedule_of_the_specification_rules() -> None:
    hand = Hand(paced=False)
    hand.press()
    hand.wait(60)
    assert 34 <= len(hand.of(EMERGENCY)) <= 37


def test_a_second_press_stays_in_the_incident_and_begins_anew() -> None:
    hand = Hand()
    hand.press()
    hand.ack(DELIVERED)
    hand.wait(20)
    hand.press()
    assert hand.sign == signs.CALLING
    hand.wait(5)
    assert len(hand.firsts(EMERGENCY)) == 1
    assert hand.of(EMERGENCY)[-1][1].felt == 0


def test_a_press_after_help_is_a_new_incident() -> None:
    hand = Hand()
    hand.press()
    hand.ack(ACKNOWLEDGED)
    hand.wait(5)
    hand.press()
    assert len(hand.firsts(EMERGENCY)) == 2
    assert hand.sign == signs.CALLING


def test_tamper_during_an_emergency_is_an_incident_of_its_own() -> None:
    hand = Hand()
    hand.press()
    hand.box.loop(True, hand.now_s)
    hand.wait(60)
    emergency, tamper = hand.firsts(EMERGENCY), hand.firsts(TAMPER)
    assert len(emergency) == len(tamper) == 1
    assert emergency.isdisjoint(tamper)
    assert abs(len(hand.of(EMERGENCY)) - len(hand.of(TAMPER))) <= 1, "they take turns"
    assert hand.sign == signs.CALLING, "who called for help sees that"
    back = hand.kinds()[::-1].index(TAMPER)
    hand.ack(ACKNOWLEDGED, back=back)
    assert hand.sign == signs.CALLING, "an ack of the one says nothing of the other"
    hand.wait(60)
    assert hand.box.alert_runs()
    assert hand.of(TAMPER)[-1][1].felt == ACKNOWLEDGED
    assert hand.of(EMERGENCY)[-1][1].felt == 0


def test_both_raised_in_one_moment_begin_apart() -> None:
    hand = Hand()
    hand.box.loop(True, hand.now_s)
    hand.box.pressed(hand.now_s)
    hand.turn()
    hand.wait(10)
    assert hand.firsts(EMERGENCY).isdisjoint(hand.firsts(TAMPER))


def test_an_open_loop_is_told_once_and_armed_again_when_it_is_whole() -> None:
    hand = Hand()
    hand.box.loop(True, hand.now_s)
    hand.turn()
    assert hand.sign == signs.TAMPER
    hand.ack(ACKNOWLEDGED)
    for is_open in (True, True, False, True):
        hand.box.loop(is_open, hand.now_s)
        hand.wait(20)
    assert len(hand.firsts(TAMPER)) == 2


def test_stored_slows_the_refresh_so_that_others_have_the_channel() -> None:
    hand = Hand()
    hand.press()
    hand.wait(30)
    unheard = len(hand.of(EMERGENCY))
    hand.ack(STORED)
    hand.wait(30)
    assert unheard >= 10
    assert len(hand.of(EMERGENCY)) == unheard


def test_an_answer_after_five_minutes_is_not_accepted() -> None:
    hand = Hand()
    hand.press()
    hand.silent = True
    hand.wait(301)
    hand.ack(STORED)
    assert hand.sign == signs.CALLING


def test_heartbeats_come_after_the_interval_exactly_and_not_during_an_alert() -> None:
    hand = Hand()
    hand.wait(1_000)
    assert [at - 5_000 for at, _, _ in hand.sent] == [100, 400, 700, 1_000]
    hand.press()
    hand.wait(600)
    assert hand.kinds().count(HEARTBEAT) == 4
    hand.ack(ACKNOWLEDGED)
    hand.wait(10)
    assert hand.kinds().count(HEARTBEAT) == 5


def test_a_condition_is_told_until_stored() -> None:
    hand = Hand()
    hand.box.conditions.put(CABINET_OPEN, True, 0, hand.now_s)
    hand.turn()
    assert hand.sent[-1][2] == Condition(FAULT, CABINET_OPEN, 0, 100)
    hand.wait(6)
    assert len(hand.sent) == 2
    hand.ack(STORED)
    hand.wait(50)
    assert len(hand.sent) == 2
    hand.box.conditions.put(CABINET_OPEN, False, 0, hand.now_s)
    hand.turn()
    assert hand.sent[-1][2] == Condition(RESTORE, CABINET_OPEN, 0, 100)


def test_commands_are_carried_out_and_reported() -> None:
    hand = Hand()
    hand.wait(101)
    assert hand.command(SIREN, 5) == Report(SIREN, 1, 1, 100)
    assert hand.box.signs.siren
    hand.wait(6)
    assert not hand.box.signs.siren
    hand.command(LIGHT, 5)
    assert hand.box.signs.lamp
    hand.command(LIGHT, 0)
    assert not hand.box.signs.lamp
    assert hand.command(IDENTIFY, 0).ok
    assert not hand.command(12, 0).ok, "there is no such command"


def test_a_command_heard_again_is_neither_done_nor_reported_again() -> None:
    hand = Hand()
    hand.wait(101)
    hand.command(SIREN, 5)
    count = len(hand.sent)
    hand.wait(10)
    hand.ack(SIREN, arg=5, seq=1, back=1)
    assert len(hand.sent) == count
    assert not hand.box.signs.siren


def test_no_command_silences_a_running_alert() -> None:
    hand = Hand()
    hand.press()
    for op in (SIREN, LIGHT, WALK_TEST):
        report = hand.command(op, 0, seq=op)
        assert report.op == op
        assert not report.ok
    assert hand.command(SIREN, 1, seq=15).ok
    hand.wait(5)
    assert hand.box.signs.siren
    assert hand.sign == signs.CALLING


def walking() -> Hand:
    hand = Hand()
    hand.wait(101)
    assert hand.command(WALK_TEST, 10).ok
    assert hand.sign == signs.WALKING
    return hand


def test_in_a_walk_test_a_press_is_a_test_that_ends_when_it_is_delivered() -> None:
    hand = walking()
    hand.press()
    assert hand.kinds()[-1] == TEST
    assert hand.sign == signs.TESTING
    assert not hand.box.signs.siren
    hand.ack(STORED)
    assert hand.sign == signs.TESTING
    hand.ack(DELIVERED)
    assert hand.sign == signs.TESTED
    hand.wait(5)
    assert hand.sign == signs.WALKING
    hand.press()
    assert hand.kinds()[-1] == EMERGENCY, "pressed twice within ten seconds"


def test_a_test_that_nobody_answers_ends_after_a_minute() -> None:
    hand = walking()
    hand.press()
    hand.wait(62)
    assert hand.sign == signs.WALKING
    count = len(hand.of(TEST))
    hand.wait(100)
    assert len(hand.of(TEST)) == count > 10


def test_a_real_emergency_takes_the_place_of_a_test() -> None:
    hand = walking()
    hand.press()
    hand.box.insisted(hand.now_s)
    hand.turn()
    assert hand.sign == signs.CALLING
    assert hand.firsts(EMERGENCY).isdisjoint(hand.firsts(TEST))


def test_a_walk_test_ends_by_itself_or_when_told() -> None:
    hand = walking()
    hand.wait(600)
    hand.press()
    assert hand.kinds()[-1] == EMERGENCY
    other = walking()
    other.command(WALK_TEST, 0, seq=2)
    other.press()
    assert other.kinds()[-1] == EMERGENCY


def test_what_was_open_goes_on_after_a_loss_of_power() -> None:
    hand = Hand()
    hand.press()
    hand.box.loop(True, hand.now_s)
    hand.wait(5)
    hand.ack(STORED, back=hand.kinds()[::-1].index(EMERGENCY))
    again = Hand(hand.box.record().pack(), after=FIRST + 100)
    assert again.box.alert_runs()
    again.box.loop(True, again.now_s)
    again.turn()
    again.wait(10)
    assert again.firsts(EMERGENCY) == hand.firsts(EMERGENCY)
    assert again.firsts(TAMPER) == hand.firsts(TAMPER)
    assert again.sign == signs.STORED
    assert not again.box.signs.siren, "a box that keeps starting must not howl"


def test_what_a_person_took_does_not_go_on_and_a_test_never() -> None:
    hand = Hand()
    hand.press()
    hand.ack(ACKNOWLEDGED)
    assert not Hand(hand.box.record().pack(), after=FIRST + 100).box.alert_runs()
    test = walking()
    test.press()
    assert not Hand(test.box.record().pack(), after=FIRST + 100).box.alert_runs()


def test_an_incident_too_long_for_its_blocks_begins_anew_with_its_kind() -> None:
    hand = Hand()
    hand.press()
    hand.codec.counter.next = FIRST + 16 * 70
    hand.wait(10)
    assert hand.firsts(EMERGENCY) == {FIRST + 16, FIRST + 16 * 70}


def test_a_record_of_another_key_opens_nothing() -> None:
    hand = Hand()
    hand.press()
    assert not Hand(hand.box.record().pack(), after=3).box.alert_runs()


def test_conditions_of_before_are_not_told_again() -> None:
    hand = Hand()
    hand.box.conditions.put(MAINS_LOST, True, 0, hand.now_s)
    hand.turn()
    hand.ack(STORED)
    again = Hand(hand.box.record().pack())
    again.box.conditions.put(MAINS_LOST, True, 0, again.now_s)
    again.turn()
    assert again.sent == []


def test_reports_are_bounded_and_the_newest_are_kept() -> None:
    hand = Hand()
    hand.wait(101)
    hand.silent = True
    for seq in range(1, 10):
        hand.ack(IDENTIFY, seq=seq)
    hand.silent = False
    hand.turn()
    reports = [message for _, _, message in hand.sent if isinstance(message, Report)]
    assert [report.seq for report in reports] == [6, 7, 8, 9]
    assert hand.kinds()[-1] == REPORT
