import pytest

from firmware.core import indication, press
from firmware.core.button import FOREVER
from firmware.core.button_hand import ANY
from firmware.core.gestures import MAIN, SECOND
from firmware.core.radio_plan import GLANCE, LISTEN, OFF
from firmware.core.ticks import add
from firmware.tests.worn_core import FIRST, KNOWN_TIME, Hand
from protocol import kinds
from protocol.constants import TIME_UNKNOWN
from protocol.kinds import (
    ACKNOWLEDGED,
    CLOSED,
    COVERED,
    DELIVERED,
    NONE,
    PLAN_OK,
    STORE_OK,
    STORED,
    downlink_word,
)
from protocol.messages import Heartbeat, IncidentMessage, Query


def test_hold_raises_a_panic_at_a_multiple_of_16() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    assert hand.sent == [(FIRST + 16, IncidentMessage(kinds.PANIC, 0, NONE, 0, KNOWN_TIME))]
    assert hand.plays(indication.SENT)
    assert not hand.button.dark


def test_double_press_raises_a_panic() -> None:
    hand = Hand()
    hand.gesture(press.DOUBLE)
    assert hand.kinds() == [kinds.PANIC]


def test_triple_press_and_second_contact_raise_a_silent_hold_up() -> None:
    for gesture, contact in (
        (press.TRIPLE, MAIN),
        (press.HOLD, SECOND),
        (press.DOUBLE, SECOND),
        (press.TRIPLE, SECOND),
    ):
        hand = Hand()
        hand.gesture(gesture, contact)
        assert hand.kinds() == [kinds.HOLD_UP]
        assert hand.button.dark


def test_short_press_of_the_second_contact_is_nothing() -> None:
    hand = Hand()
    hand.gesture(press.SHORT, SECOND)
    hand.gesture(press.LONG_HOLD, SECOND)
    assert hand.sent == []
    assert hand.quiet()


def test_silent_press_darkens_a_panic_and_a_new_panic_is_lit_again() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.gesture(press.HOLD, SECOND)
    assert hand.button.dark
    hand.ack(ACKNOWLEDGED)
    hand.gesture(press.HOLD)
    assert not hand.button.dark


def test_stages_are_felt_and_a_person_ends_it() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.wait(300)
    hand.ack(STORED)
    assert hand.plays(indication.RECEIVED)
    hand.wait(1_000)
    hand.ack(DELIVERED)
    assert not hand.button.indicator.playing(), "delivered is not felt after received"
    hand.ack(ACKNOWLEDGED)
    assert hand.plays(indication.HELP)
    last = hand.sent[-1][1]
    assert isinstance(last, IncidentMessage)
    assert last.felt == ACKNOWLEDGED
    hand.wait(5_000)
    assert hand.sent[-1][1] is last
    assert hand.quiet()


def test_first_stage_heard_may_be_delivered_or_closed() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.wait(300)
    hand.ack(DELIVERED)
    assert hand.plays(indication.RECEIVED)
    hand.wait(1_000)
    hand.ack(CLOSED)
    assert hand.plays(indication.HELP)


def test_pressing_again_is_the_same_incident() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.ack(STORED)
    hand.gesture(press.HOLD)
    counter, message = hand.sent[-1]
    assert isinstance(message, IncidentMessage)
    assert ((counter >> 4) - message.block) << 4 == hand.sent[0][0]
    assert message.felt == NONE
    hand.wait(500)
    hand.ack(STORED)
    assert hand.plays(indication.RECEIVED)


def test_two_presses_apart_are_two_incidents() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.ack(ACKNOWLEDGED)
    hand.wait(5_000)
    hand.gesture(press.HOLD)
    assert hand.button.alert.first > hand.sent[0][0]
    assert hand.sent[-1][0] % 16 == 0


def test_long_hold_cancels_until_stored() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.wait(4_200)
    hand.gesture(press.LONG_HOLD)
    hand.wait(100)
    hand.ack(STORED)
    assert hand.kinds()[-1] == kinds.CANCEL
    assert hand.plays(indication.CANCELLED)
    assert not hand.button.alert.open


def test_nobody_answers_is_felt_every_ten_seconds() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    for _ in range(3):
        hand.wait(9_990)
        assert not hand.plays(indication.NOT_RECEIVED)
        hand.wait(10)
        assert hand.plays(indication.NOT_RECEIVED)


def test_stored_alert_is_not_said_to_be_unheard() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.ack(STORED)
    hand.wait(25_000)
    assert not hand.plays(indication.NOT_RECEIVED)


def test_query_is_answered_by_all_three_healths() -> None:
    for arg, what in (
        (COVERED, indication.COVERED),
        (COVERED | 31, indication.COVERED),
        (STORE_OK | PLAN_OK, indication.NOT_COVERED),
        (0, indication.NOT_COVERED),
    ):
        hand = Hand()
        hand.gesture(press.SHORT)
        assert hand.sent == [(FIRST + 1, Query(KNOWN_TIME))]
        hand.ack(STORED, arg=arg)
        assert hand.plays(what)
        assert hand.button.scan(hand.now_ms) == OFF


def test_query_without_an_answer_is_not_covered_after_a_second() -> None:
    hand = Hand()
    hand.gesture(press.SHORT)
    hand.wait(999)
    assert not hand.button.indicator.playing()
    hand.wait(1)
    assert hand.plays(indication.NOT_COVERED)
    hand.wait(3_000)
    assert hand.quiet()


def test_ack_of_another_counter_does_not_answer_a_query() -> None:
    hand = Hand()
    hand.gesture(press.SHORT)
    hand.ack(STORED, back=1)
    assert not hand.button.indicator.playing()


def test_short_press_during_an_alert_is_nothing() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.gesture(press.SHORT)
    assert len(hand.sent) == 1


def test_alert_takes_the_place_of_a_query() -> None:
    hand = Hand()
    hand.gesture(press.SHORT)
    hand.gesture(press.HOLD)
    hand.wait(1_500)
    assert not hand.plays(indication.NOT_COVERED)


def test_heartbeat_says_whether_the_last_window_brought_an_ack() -> None:
    hand = Hand()
    heard = []
    for answered in (False, True, False, False):
        hand.button.heartbeat_due = True
        hand.turn()
        message = hand.sent[-1][1]
        assert isinstance(message, Heartbeat)
        heard.append(message.heard)
        if answered:
            hand.ack(STORED)
        hand.wait(2_000)
        assert hand.quiet()
    assert heard == [0, 0, 1, 0]
    assert not hand.button.indicator.playing()


def beat(hand: Hand) -> Heartbeat:
    hand.button.heartbeat_due = True
    hand.turn()
    message = hand.sent[-1][1]
    assert isinstance(message, Heartbeat)
    return message


def test_heartbeat_names_the_gateways_that_answered_the_frame_before() -> None:
    hand = Hand()
    hand.codec.counter.next = 646  # page 6: its window stays open
    beat(hand)
    for mark in (1, 7, 3, 3, 0, 8, 255):
        hand.ack(STORED, mark=mark)
        hand.wait(50)
    assert hand.button.scan(hand.now_ms) == LISTEN
    hand.wait(2_000)
    named = beat(hand)
    assert (named.heard, named.data) == (1, 0b100_0101)
    hand.wait(2_000)
    beat(hand)
    hand.wait(2_000)
    unheard = beat(hand)
    assert (unheard.heard, unheard.data) == (0, 0)


def test_window_ends_at_the_first_ack_but_on_page_6() -> None:
    for counter in range(648, 656):
        hand = Hand()
        hand.codec.counter.next = counter
        beat(hand)
        hand.wait(50)
        hand.ack(STORED, mark=1)
        assert (hand.button.scan(hand.now_ms) == LISTEN) == (counter % 8 == 6)


def test_ack_for_an_older_frame_is_not_heard() -> None:
    hand = Hand()
    hand.codec.counter.next = 644
    for _ in range(2):
        beat(hand)
        hand.wait(2_000)
    hand.ack(STORED, back=1, mark=1)
    assert not hand.button.uplinks.last_heard
    assert (beat(hand).heard, hand.button.uplinks.marks) == (0, 0)


def test_ack_is_forgotten_with_the_next_frame() -> None:
    hand = Hand()
    hand.codec.counter.next = 648
    hand.gesture(press.SHORT)
    hand.ack(STORED, mark=1)
    assert hand.button.uplinks.last_heard
    hand.gesture(press.SHORT)
    hand.wait(2_000)
    assert beat(hand).heard == 0


def test_ack_after_8_s_is_not_heard() -> None:
    for late_ms, heard in ((8_000, True), (8_001, False), (1 << 29, False)):
        hand = Hand()
        hand.codec.counter.next = 650
        beat(hand)
        hand.codec.heard_counter = 650
        hand.button.heard(downlink_word(STORED, COVERED, 0, 1), add(hand.now_ms, late_ms))
        assert hand.button.uplinks.last_heard is heard
        assert hand.button.uplinks.marks == heard


def test_time_is_not_told_where_a_restart_could_be_missed() -> None:
    for spare, time in ((33, 100), (32, TIME_UNKNOWN)):
        for gesture in (press.HOLD, press.SHORT, None):
            hand = Hand()
            hand.codec.counter.next = 656
            hand.codec.counter.reserved = 656 + spare
            hand.button.heartbeat_due = gesture is None
            if gesture is not None:
                hand.hand.gesture(MAIN, gesture, hand.now_ms)
            word = hand.speech.next_word(100, hand.now_ms)
            assert word & 0x7FF == time


def test_heartbeat_waits_for_the_end_of_an_alert() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.button.heartbeat_due = True
    hand.wait(3_000)
    assert kinds.HEARTBEAT not in hand.kinds()
    hand.ack(ACKNOWLEDGED)
    hand.wait(5_000)
    assert hand.sent[-1][1].word() >> 20 == kinds.HEARTBEAT


def test_commands_are_ignored() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    for op in (0, *range(5, 16)):
        hand.ack(op, seq=3)
    assert hand.button.alert.felt == NONE
    assert not hand.button.uplinks.last_heard


def test_radio_listens_around_frames_and_glances_between() -> None:
    hand = Hand()
    assert hand.button.scan(hand.now_ms) == OFF
    hand.gesture(press.HOLD)
    assert hand.button.plan.advertising(hand.now_ms)
    assert hand.button.scan(hand.now_ms) == LISTEN
    hand.ack(DELIVERED)
    assert not hand.button.plan.advertising(hand.now_ms), "it was heard: the air is left to others"
    hand.wait(1_700)
    assert hand.button.scan(hand.now_ms) == GLANCE
    hand.ack(ACKNOWLEDGED)
    hand.wait(5_000)
    assert hand.button.scan(hand.now_ms) == OFF


def test_overflow_begins_a_new_incident_and_goes_on() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    first = hand.button.alert.first
    hand.codec.counter.next = first + 16 * 64
    hand.wait(2_000)
    assert hand.button.alert.first == first + 16 * 64
    counter, message = hand.sent[-1]
    assert isinstance(message, IncidentMessage)
    assert (message.kind, message.block) == (kinds.PANIC, 0)
    assert counter >= hand.button.alert.first


def test_nothing_under_way_is_quiet() -> None:
    hand = Hand()
    assert hand.quiet()
    assert hand.button.wait_ms(hand.now_ms) == FOREVER


def test_a_touch_nobody_counted_asks_and_one_more_makes_it_an_alert() -> None:
    hand = Hand()
    hand.gesture(press.UNSEEN)
    assert hand.kinds() == [kinds.QUERY]
    hand.ack(STORED)
    hand.wait(1_500)
    assert not hand.quiet(), "it waits for one more"
    hand.gesture(press.SHORT)
    assert hand.kinds() == [kinds.QUERY, kinds.PANIC]


def test_a_touch_nobody_counted_is_forgotten_after_2_s() -> None:
    hand = Hand()
    hand.gesture(press.UNSEEN)
    hand.wait(2_600)
    assert hand.quiet()
    hand.gesture(press.SHORT)
    assert hand.kinds() == [kinds.QUERY] * 2


def test_two_touches_after_one_nobody_counted_are_what_they_are() -> None:
    hand = Hand()
    hand.gesture(press.UNSEEN)
    hand.gesture(press.DOUBLE)
    assert hand.kinds() == [kinds.QUERY, kinds.PANIC]


@pytest.mark.parametrize(
    ("second", "one"),
    [
        ("vhhhe", kinds.VISIT_START),
        ("-hhhe", kinds.QUERY),
        ("ehhh-", kinds.QUERY),
        ("chhh-", kinds.QUERY),
    ],
)
def test_a_touch_that_nobody_counted_does_what_one_does_but_takes_no_help_away(
    second: str, one: int
) -> None:
    hand = Hand(second=second)
    hand.gesture(press.UNSEEN, SECOND)
    assert hand.kinds() == [one]
    hand.gesture(press.SHORT, SECOND)
    assert hand.kinds()[-1] == kinds.HOLD_UP


def test_where_two_touches_are_no_call_one_that_nobody_counted_may_end_a_visit() -> None:
    hand = Hand(second="ev---")
    hand.gesture(press.DOUBLE, SECOND)
    hand.ack(STORED)
    hand.gesture(press.UNSEEN, SECOND)
    hand.wait(1_000)
    assert hand.kinds() == [kinds.VISIT_START, kinds.VISIT_END]


def test_one_more_touch_counts_where_the_first_was_and_anywhere_where_that_is_not_known() -> None:
    for first, last in ((MAIN, kinds.QUERY), (ANY, kinds.HOLD_UP)):
        hand = Hand()
        hand.gesture(press.UNSEEN, first)
        hand.gesture(press.SHORT, SECOND)  # one means nothing there, two are a hold-up
        assert hand.kinds()[-1] == last


def test_a_medical_alert_can_be_chosen() -> None:
    hand = Hand(main="-mmmc")
    hand.gesture(press.HOLD)
    assert hand.kinds() == [kinds.MEDICAL]


def test_in_test_mode_a_short_press_is_a_test_and_an_alert_is_an_alert() -> None:
    hand = Hand()
    hand.gesture(press.LET_GO)
    assert hand.felt == ["test_mode"]
    hand.wait(3_000)
    hand.gesture(press.SHORT)
    assert hand.kinds() == [kinds.TEST]
    hand.wait(300)
    hand.ack(STORED)
    hand.wait(100)
    hand.gesture(press.HOLD)
    counter, message = hand.sent[-1]
    assert isinstance(message, IncidentMessage)
    assert (message.kind, message.block, counter % 16) == (kinds.PANIC, 0, 0)
    hand.wait(3_000)
    assert set(hand.kinds()[1:]) == {kinds.PANIC}
    hand.gesture(press.SHORT)
    assert hand.kinds()[-1] == kinds.PANIC, "what runs is not replaced by a test"


def test_each_test_is_an_incident_of_its_own_and_ends_at_delivered() -> None:
    hand = Hand()
    hand.gesture(press.LET_GO)
    firsts = []
    for _ in range(3):
        hand.wait(5_000)
        hand.gesture(press.SHORT)
        firsts.append(hand.sent[-1][0])
        hand.wait(100)
        hand.ack(DELIVERED)
        hand.wait(3_000)
        assert hand.quiet()
    assert len(set(firsts)) == 3
    assert all(first % 16 == 0 for first in firsts)
    assert hand.felt == ["test_mode"] + ["sent", "received"] * 3


def test_test_mode_ends_by_itself() -> None:
    hand = Hand()
    hand.gesture(press.LET_GO)
    hand.wait(599_000)
    hand.gesture(press.SHORT)
    hand.ack(DELIVERED)
    hand.wait(2_000)
    hand.gesture(press.SHORT)
    assert hand.kinds() == [kinds.TEST, kinds.QUERY]


def test_a_gateway_begins_and_ends_test_mode() -> None:
    hand = Hand()
    hand.gesture(press.SHORT)
    hand.ack(kinds.WALK_TEST, arg=20, seq=1)
    hand.wait(2_000)
    assert hand.kinds() == [kinds.QUERY, kinds.REPORT]
    hand.gesture(press.SHORT)
    assert hand.kinds()[-1] == kinds.TEST
    hand.ack(DELIVERED)
    hand.ack(kinds.WALK_TEST, arg=0, seq=2)
    hand.wait(2_000)
    hand.gesture(press.SHORT)
    assert hand.kinds()[-1] == kinds.QUERY


def test_a_low_battery_is_felt_once_a_day_after_an_answer_and_never_in_an_alert() -> None:
    hand = Hand()
    hand.button.low_battery = True
    hand.gesture(press.HOLD)
    hand.wait(400)
    hand.ack(ACKNOWLEDGED)
    hand.wait(5_000)
    assert "low_battery" not in hand.felt
    for days, times in ((0, 1), (0, 1), (1, 2)):
        hand.now_s += days * 86_400
        hand.gesture(press.SHORT)
        hand.ack(STORED)
        hand.wait(4_000)
        assert hand.felt.count("low_battery") == times
    hand.gesture(press.SHORT)
    hand.wait(4_000)
    assert hand.felt[-1] == "not_covered"


def test_a_low_battery_is_felt_after_a_heartbeat_that_was_answered() -> None:
    hand = Hand()
    hand.button.low_battery = True
    hand.codec.counter.next = 650
    beat(hand)
    hand.wait(100)
    assert hand.felt == []
    hand.ack(STORED)
    assert hand.felt == ["low_battery"]


def test_odd_heartbeats_do_not_listen_once_the_clock_is_known() -> None:
    for counter, listens in ((648, True), (649, False), (654, True), (655, False)):
        hand = Hand()
        hand.codec.counter.next = counter
        assert beat(hand).listening == listens
        assert (hand.button.scan(hand.now_ms) == LISTEN) is listens
        hand.wait(2_000)
        assert hand.quiet()


def test_a_heartbeat_listens_where_the_clock_is_not_known() -> None:
    hand = Hand()
    hand.codec.counter.next = 649
    hand.button.heartbeat_due = True
    word = hand.speech.next_word(TIME_UNKNOWN, hand.now_ms)
    assert word >> 19 & 1
    assert hand.button.scan(hand.now_ms) == LISTEN


def test_a_condition_is_told_until_it_is_stored() -> None:
    hand = Hand()
    hand.button.conditions.put(kinds.CONTACT_STUCK, True, 1, hand.now_s)
    hand.turn()
    assert hand.kinds() == [kinds.FAULT]
    hand.wait(1_000)
    assert hand.quiet(), "it sleeps, and tells it again with a heartbeat"
    hand.wait(5_000)
    assert hand.kinds() == [kinds.FAULT] * 2
    hand.ack(STORED)
    hand.wait(200_000)
    assert len(hand.sent) == 2
    hand.button.conditions.put(kinds.CONTACT_STUCK, False, 0, hand.now_s)
    hand.turn()
    assert hand.kinds()[-1] == kinds.RESTORE


def test_a_condition_waits_for_the_end_of_an_alert() -> None:
    hand = Hand()
    hand.gesture(press.HOLD)
    hand.button.conditions.put(kinds.BATTERY_LOW, True, 1, hand.now_s)
    hand.wait(20_000)
    assert set(hand.kinds()) == {kinds.PANIC}
    hand.ack(ACKNOWLEDGED)
    hand.wait(5_000)
    assert hand.kinds()[-1] == kinds.FAULT


def test_ack_of_a_query_is_no_stage_of_an_alert() -> None:
    hand = Hand()
    hand.gesture(press.SHORT)
    hand.gesture(press.HOLD)
    hand.ack(ACKNOWLEDGED, back=1)
    assert hand.button.alert.felt == NONE


def test_alert_cancel_and_visit_are_urgent_and_nothing_else_is() -> None:
    hand = Hand(main="qphpc", second="-hhve")
    hand.gesture(press.SHORT)
    hand.gesture(press.HOLD)
    hand.gesture(press.LONG_HOLD)
    hand.ack(STORED)
    hand.gesture(press.HOLD, SECOND)
    hand.ack(STORED)
    hand.gesture(press.LONG_HOLD, SECOND)
    hand.ack(STORED)
    hand.wait(2_000)
    beat(hand)
    assert [
        urgent == (kind not in (kinds.QUERY, kinds.HEARTBEAT))
        for urgent, kind in zip(hand.urgent, hand.kinds(), strict=True)
    ] == [True] * len(hand.sent)
    assert len(hand.sent) == 6
