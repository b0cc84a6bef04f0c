import pytest

from firmware.core import indication, press
from firmware.core.radio_plan import LISTEN, OFF
from firmware.core.visit import FOREVER, Visit
from firmware.tests.worn_core import Hand
from protocol import kinds
from protocol.kinds import ACKNOWLEDGED, COVERED, PLAN_OK, STORE_OK, STORED, UPSTREAM_OK
from protocol.messages import IncidentMessage, VisitStart

MINUTES = 30
MAIN = "qphpc"
SECOND = "-hhve"  # hold: begin or extend; 5 s: end


def visitor() -> Hand:
    hand = Hand(main=MAIN, second=SECOND)
    hand.button.visit_min = MINUTES
    return hand


def begin(hand: Hand) -> int:
    """Begin a visit that a gateway takes; return its first counter."""
    hand.gesture(press.HOLD, 1)
    first = hand.sent[-1][0]
    hand.wait(50)
    hand.ack(STORED)
    assert hand.plays(indication.VISIT)
    hand.wait(2_000)
    return first


def test_a_start_is_one_frame_at_a_multiple_of_16_until_it_is_answered() -> None:
    hand = visitor()
    hand.gesture(press.HOLD, 1)
    hand.wait(5_000)
    [(counter, message)] = hand.sent
    assert counter % 16 == 0
    assert isinstance(message, VisitStart)
    assert message.minutes == MINUTES
    assert hand.urgent == [True]
    assert hand.button.plan.advertising(hand.now_ms)
    assert hand.button.scan(hand.now_ms) == LISTEN
    hand.ack(STORED)
    assert hand.felt == ["visit"]
    assert hand.button.scan(hand.now_ms) == OFF
    hand.wait(1_000)
    assert hand.quiet()
    assert hand.button.visit.runs()


@pytest.mark.parametrize("arg", [0, STORE_OK | UPSTREAM_OK, PLAN_OK, COVERED - STORE_OK])
def test_only_where_all_is_healthy_it_is_felt_to_run(arg: int) -> None:
    hand = visitor()
    hand.gesture(press.HOLD, 1)
    hand.ack(STORED, arg=arg)
    assert hand.felt == ["not_covered"]
    assert hand.button.visit.runs() == bool(arg & PLAN_OK), "what is applied runs, felt or not"


def test_a_start_that_nobody_answered_is_taken_back() -> None:
    hand = visitor()
    hand.gesture(press.HOLD, 1)
    first = hand.sent[0][0]
    hand.wait(7_990)
    assert hand.felt == []
    hand.wait(20)
    assert hand.felt == ["not_covered"]
    hand.wait(30_000)
    ends = [(c, m) for c, m in hand.sent[1:] if isinstance(m, IncidentMessage)]
    assert ends
    assert {((c >> 4) - m.block) << 4 for c, m in ends} == {first}
    assert {m.kind for _, m in ends} == {kinds.VISIT_END}
    assert hand.felt == ["not_covered"]


def test_the_wearer_is_reminded_and_told_when_the_time_is_up() -> None:
    hand = visitor()
    begin(hand)
    felt_at: list[int] = []
    begin_s = hand.now_s
    for _ in range(MINUTES * 60 + 60):
        before = len(hand.felt)
        hand.wait(1_000)
        felt_at += [hand.now_s - begin_s] * (len(hand.felt) - before)
    assert hand.felt == ["visit", "reminder", "reminder", "overdue"]
    for at_s, expected_s in zip(felt_at, (1_500, 1_740, 1_800), strict=True):
        assert abs(at_s - expected_s) <= 3
    assert len(hand.sent) == 1, "the alert is the gateway's"
    assert not hand.button.visit.runs()


def test_a_short_visit_is_reminded_of_at_four_fifths() -> None:
    visit = Visit()
    visit.ask(5)
    visit.start_sent(64, 0)
    visit.start_answered(COVERED, 1_000)
    assert visit.wait_s(1_000) == 240
    assert visit.poll(0, 1_239) == indication.NOTHING
    assert visit.poll(0, 1_240) == indication.REMINDER
    assert visit.wait_s(1_240) == 60, "both reminders fall together"
    assert visit.poll(0, 1_300) == indication.OVERDUE
    assert visit.wait_s(1_300) == FOREVER


def test_after_a_long_sleep_one_feeling_is_enough() -> None:
    hand = visitor()
    begin(hand)
    hand.now_s += 3_600
    hand.turn()
    assert hand.felt == ["visit", "overdue"]


def test_an_extension_begins_anew_from_then() -> None:
    hand = visitor()
    first = begin(hand)
    hand.wait(1_600_000)
    assert begin(hand) >= first + 16
    hand.wait(1_400_000)
    assert hand.felt == ["visit", "reminder", "visit"]


def test_an_extension_that_nobody_hears_leaves_the_visit_as_it_is() -> None:
    hand = visitor()
    begin(hand)
    until_s = hand.button.visit.until_s
    hand.gesture(press.HOLD, 1)
    hand.wait(9_000)
    assert hand.felt == ["visit", "not_covered"]
    assert hand.button.visit.until_s == until_s
    assert hand.kinds() == [kinds.VISIT_START] * 2


def test_its_end_names_it_and_is_felt() -> None:
    hand = visitor()
    first = begin(hand)
    hand.gesture(press.LONG_HOLD, 1)
    counter, message = hand.sent[-1]
    assert isinstance(message, IncidentMessage)
    assert (message.kind, ((counter >> 4) - message.block) << 4) == (kinds.VISIT_END, first)
    hand.ack(STORED)
    assert hand.felt == ["visit", "visit_ended"]
    hand.wait(100_000)
    assert len(hand.sent) == 2
    assert not hand.button.visit.runs()


def test_its_end_is_told_for_an_hour_and_a_wearer_nobody_heard_knows() -> None:
    hand = visitor()
    begin(hand)
    hand.gesture(press.LONG_HOLD, 1)
    hand.wait(59_000)
    assert hand.felt == ["visit", "not_received"]
    assert len(hand.sent) == 1 + 6
    hand.ack(STORED, arg=STORE_OK)
    assert hand.felt == ["visit", "not_received"], "not all healthy: told on"
    hand.wait(4_000_000)
    assert 1 + 6 + 58 <= len(hand.sent) <= 1 + 6 + 61
    assert hand.felt == ["visit", "not_received", "not_received"]
    assert hand.quiet()


def test_a_start_its_block_cannot_name_any_more_is_asked_for_again_and_ended() -> None:
    hand = visitor()
    first = begin(hand)
    hand.codec.counter.next = first + 16 * 64
    hand.gesture(press.LONG_HOLD, 1)
    again, start = hand.sent[-1]
    assert isinstance(start, VisitStart)
    assert start.minutes == 5
    hand.ack(STORED)
    counter, message = hand.sent[-1]
    assert isinstance(message, IncidentMessage)
    assert (message.kind, ((counter >> 4) - message.block) << 4) == (kinds.VISIT_END, again)
    hand.ack(STORED)
    assert hand.felt == ["visit", "visit_ended"]


def test_an_end_right_after_an_extension_names_the_start_that_is_known() -> None:
    hand = visitor()
    first = begin(hand)
    hand.gesture(press.HOLD, 1)
    hand.wait(4_200)
    hand.gesture(press.LONG_HOLD, 1)
    hand.wait(9_000)
    counter, message = hand.sent[-1]
    assert isinstance(message, IncidentMessage)
    assert ((counter >> 4) - message.block) << 4 == first


def test_without_a_visit_there_is_nothing_to_end() -> None:
    hand = visitor()
    hand.gesture(press.LONG_HOLD, 1)
    assert hand.sent == []
    assert hand.quiet()


def test_an_alert_in_a_visit_is_its_own_incident_and_the_visit_goes_on() -> None:
    hand = visitor()
    first = begin(hand)
    hand.gesture(press.HOLD)
    counter, message = hand.sent[-1]
    assert isinstance(message, IncidentMessage)
    assert (message.kind, message.block, counter > first) == (kinds.PANIC, 0, True)
    hand.ack(ACKNOWLEDGED)
    hand.wait(5_000)
    assert hand.button.visit.runs()
    hand.gesture(press.LONG_HOLD, 1)
    ended, end = hand.sent[-1]
    assert isinstance(end, IncidentMessage)
    assert ((ended >> 4) - end.block) << 4 == first


def test_nothing_is_felt_of_a_visit_in_an_alert() -> None:
    hand = visitor()
    begin(hand)
    hand.wait(1_490_000)
    hand.gesture(press.HOLD)
    hand.ack(ACKNOWLEDGED - 1)
    hand.wait(60_000)
    assert hand.felt == ["visit", "sent", "received"]


def test_a_visit_is_shown_where_the_wearer_asks() -> None:
    hand = visitor()
    begin(hand)
    hand.gesture(press.SHORT)
    hand.ack(STORED)
    hand.wait(2_000)
    assert hand.felt == ["visit", "covered", "visit"]


def test_after_a_loss_of_power_a_visit_can_still_be_ended() -> None:
    hand = visitor()
    visit = hand.button.visit
    visit.first = 64
    visit.lose_clock()
    assert visit.runs()
    hand.wait(10_000_000)
    assert hand.felt == [], "the gateway has the time"
    hand.gesture(press.LONG_HOLD, 1)
    assert hand.kinds() == [kinds.VISIT_END]
