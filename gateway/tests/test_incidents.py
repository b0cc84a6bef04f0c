"""What messages and people do to an incident, rule by rule."""

import pytest

from gateway.cases import incidents
from gateway.cases.incident import TRANSITIONS, Incident, Outcome, State, best_stage
from gateway.events import Acknowledge, Close, Delivered, Freshness, Uplink
from gateway.tests.builders import uplink
from protocol import kinds
from protocol.kinds import CANCEL, HOLD_UP, MEDICAL, PANIC, TEST, incident_word
from protocol.names import KIND_NAMES

ID = "ab" * 16


def say(
    kind: int = PANIC,
    counter: int = 17,
    felt: int = 0,
    duress: int = 0,
    *,
    in_order: bool = True,
    freshness: Freshness = Freshness.FRESH,
) -> Uplink:
    word = incident_word(kind, duress, felt, 0, 7)
    return uplink(word, counter, in_order=in_order, at=counter, freshness=freshness)


def opened(kind: int = PANIC, *, in_order: bool = True, duress: int = 0) -> Incident:
    message = say(kind, 16, in_order=in_order, duress=duress)
    return incidents.raise_incident(ID, 16, message, None).incident


def acknowledged(felt: int = 0) -> Incident:
    incident = opened()
    if felt:
        incident = incidents.hear(incident, say(felt=felt)).incident
    return incidents.acknowledge(incident, Acknowledge(ID, "Jo", 5, 20.0)).incident


def names(outcome: Outcome) -> list[str]:
    return [change.name for change in outcome.changes]


@pytest.mark.parametrize("kind", kinds.ALERT_KINDS)
def test_every_alert_kind_opens(kind: int) -> None:
    outcome = incidents.raise_incident(ID, 16, say(kind, 16), "other")
    assert outcome.incident.state is State.OPEN
    assert outcome.incident.kind == KIND_NAMES[kind]
    assert outcome.incident.linked == "other"
    assert names(outcome) == ["raised"]
    assert outcome.incident.told == outcome.changes[0].number == 1
    assert best_stage(outcome.incident) == kinds.STORED


def test_hold_up_and_duress_are_silent_and_a_test_is_a_test() -> None:
    assert opened(HOLD_UP).silent
    assert opened(duress=1).silent
    assert not opened().silent
    assert opened(TEST).test


def test_a_refresh_is_an_update_that_tells_nobody() -> None:
    outcome = incidents.hear(opened(), say(counter=18))
    assert outcome.changes == ()
    assert outcome.incident.last_counter == 18


def test_a_late_refresh_does_not_turn_the_counter_back() -> None:
    incident = incidents.hear(opened(), say(counter=30)).incident
    assert incidents.hear(incident, say(counter=20, in_order=False)).incident.last_counter == 30


@pytest.mark.parametrize("incident", [opened(), acknowledged()])
def test_a_cancel_in_order_is_told_and_erases_nothing(incident: Incident) -> None:
    outcome = incidents.hear(incident, say(CANCEL))
    assert outcome.incident.cancelled
    assert outcome.incident.state is incident.state
    assert outcome.incident.kind == "panic"
    assert names(outcome) == ["cancelled"]
    assert names(incidents.hear(outcome.incident, say(CANCEL, 18))) == []


@pytest.mark.parametrize(
    "cancel",
    [
        say(CANCEL, in_order=False),
        say(CANCEL, freshness=Freshness.UNVERIFIED),
        say(CANCEL, freshness=Freshness.DELAYED),
    ],
)
def test_a_cancel_that_may_be_old_is_shown_once_and_does_not_apply(cancel: Uplink) -> None:
    outcome = incidents.hear(opened(), cancel)
    assert not outcome.incident.cancelled
    assert outcome.incident.cancel_unverified
    assert names(outcome) == ["cancel_unverified"]
    assert outcome.changes[0].detail["verdict"] == cancel.freshness
    assert outcome.incident.told == 1, "it tells people nothing new of the alert"
    assert names(incidents.hear(outcome.incident, cancel)) == []
    applied = incidents.hear(outcome.incident, say(CANCEL, 18))
    assert names(applied) == ["cancelled"]
    assert applied.incident.cancelled
    assert not applied.incident.cancel_unverified


@pytest.mark.parametrize("freshness", [Freshness.UNVERIFIED, Freshness.DELAYED])
def test_a_first_cancel_that_may_be_old_opens_what_is_not_cancelled(freshness: Freshness) -> None:
    cancel = say(CANCEL, 16, freshness=freshness)
    incident = incidents.raise_incident(ID, 16, cancel, None).incident
    assert not incident.cancelled
    assert incident.cancel_unverified
    assert incident.freshness is freshness


def test_an_old_cancel_never_undoes_or_repeats_one_that_applied() -> None:
    incident = incidents.hear(opened(), say(CANCEL)).incident
    late = incidents.hear(incident, say(CANCEL, 18, freshness=Freshness.DELAYED))
    assert late.incident.cancelled
    assert names(late) == []


def test_the_best_verdict_is_kept_and_told_when_it_rises() -> None:
    delayed = say(counter=16, freshness=Freshness.DELAYED)
    incident = incidents.raise_incident(ID, 16, delayed, None).incident
    assert incident.freshness is Freshness.DELAYED
    better = incidents.hear(incident, say(counter=17, freshness=Freshness.UNVERIFIED))
    assert (better.incident.freshness, names(better)) == (Freshness.UNVERIFIED, ["verified"])
    best = incidents.hear(better.incident, say(counter=18))
    assert (best.incident.freshness, names(best)) == (Freshness.FRESH, ["verified"])
    for freshness in Freshness:
        after = incidents.hear(best.incident, say(counter=19, freshness=freshness))
        assert (after.incident.freshness, names(after)) == (Freshness.FRESH, [])


def test_a_late_frame_never_says_that_the_wearer_knows_of_help() -> None:
    for freshness, in_order in (
        (Freshness.UNVERIFIED, True),
        (Freshness.DELAYED, True),
        (Freshness.FRESH, False),
    ):
        late = say(felt=kinds.ACKNOWLEDGED, freshness=freshness, in_order=in_order)
        assert incidents.hear(opened(), late).incident.felt == kinds.DELIVERED
        raised = incidents.raise_incident(ID, 16, late, None).incident
        assert raised.felt == kinds.DELIVERED
        again = say(MEDICAL, 40, felt=3, freshness=freshness, in_order=in_order)
        assert incidents.hear(opened(), again).incident.felt <= kinds.DELIVERED
    assert incidents.hear(opened(), say(felt=3)).incident.felt == kinds.ACKNOWLEDGED


def test_a_cancel_of_something_never_heard_opens_it_for_a_person() -> None:
    incident = opened(CANCEL)
    assert incident.state is State.OPEN
    assert incident.cancelled
    alert = incidents.hear(incident, say(PANIC, 15, in_order=False))
    assert names(alert) == ["updated"]
    assert alert.incident.kind == "panic"
    assert alert.incident.cancelled


def test_a_cancel_under_duress_is_told_to_people() -> None:
    outcome = incidents.hear(opened(), say(CANCEL, duress=1))
    assert names(outcome) == ["cancelled"]
    assert outcome.incident.silent
    assert outcome.incident.told == 2
    late = incidents.hear(opened(), say(CANCEL, duress=1, in_order=False))
    assert names(late) == ["cancel_unverified"]
    assert late.incident.told == 2
    assert not late.incident.cancelled


def test_felt_is_recorded_upwards_once() -> None:
    outcome = incidents.hear(opened(), say(felt=kinds.STORED))
    assert names(outcome) == ["wearer_felt"]
    assert outcome.changes[0].number is None
    assert names(incidents.hear(outcome.incident, say(counter=18, felt=kinds.STORED))) == []


def test_a_refresh_that_does_not_know_of_the_acknowledgement_yet_is_no_new_press() -> None:
    outcome = incidents.hear(acknowledged(felt=kinds.STORED), say(counter=18, felt=1))
    assert outcome.incident.state is State.ACKNOWLEDGED
    assert outcome.changes == ()


@pytest.mark.parametrize(
    "again", [say(counter=40, felt=0), say(MEDICAL, 40, felt=3), say(counter=40, felt=3, duress=1)]
)
def test_pressed_again_tells_people_again(again: Uplink) -> None:
    incident = incidents.hear(acknowledged(), say(felt=kinds.ACKNOWLEDGED)).incident
    outcome = incidents.hear(incident, again)
    assert outcome.incident.state is State.OPEN
    assert names(outcome) == ["updated"]
    assert outcome.incident.told == outcome.changes[0].number
    assert best_stage(outcome.incident) == kinds.STORED


def test_a_test_never_makes_less_of_an_alert_and_an_alert_is_more_than_a_test() -> None:
    assert incidents.hear(opened(), say(TEST)).incident.kind == "panic"
    raised = incidents.hear(opened(TEST), say(PANIC))
    assert raised.incident.kind == "panic"
    assert raised.incident.told == raised.incident.events, "people are told"


def test_a_late_frame_never_reopens() -> None:
    incident = incidents.hear(acknowledged(), say(felt=kinds.ACKNOWLEDGED)).incident
    outcome = incidents.hear(incident, say(counter=16, felt=0, in_order=False))
    assert outcome.incident.state is State.ACKNOWLEDGED


def test_an_alert_after_a_cancel_counts_again() -> None:
    incident = incidents.hear(opened(), say(CANCEL)).incident
    outcome = incidents.hear(incident, say(counter=18))
    assert not outcome.incident.cancelled
    assert names(outcome) == ["updated"]


def test_a_closed_incident_is_updated_and_stays_closed() -> None:
    incident = incidents.close(acknowledged(), Close(ID, "Jo", 30.0)).incident
    assert best_stage(incident) == kinds.CLOSED
    outcome = incidents.hear(incident, say(counter=40))
    assert outcome.incident.state is State.CLOSED
    assert incidents.acknowledge(incident, Acknowledge(ID, "Al", None, 31.0)).changes == ()
    assert incidents.close(incident, Close(ID, "Al", 31.0)).changes == ()


def test_an_acknowledgement_is_told_once_and_a_new_estimate_again() -> None:
    incident = acknowledged()
    assert incident.eta_minutes == 5
    assert incidents.acknowledge(incident, Acknowledge(ID, "Jo", 5, 21.0)).changes == ()
    assert names(incidents.acknowledge(incident, Acknowledge(ID, "Jo", 2, 22.0))) == [
        "acknowledged"
    ]


def test_delivered_counts_from_the_event_that_tells_people() -> None:
    incident = incidents.hear(opened(), say(counter=20, duress=1)).incident
    assert incident.told == 2
    assert not incidents.deliver(incident, Delivered(1, "a", ID, 1, 5.0)).incident.delivered
    outcome = incidents.deliver(incident, Delivered(2, "a", ID, 2, 5.0))
    assert names(outcome) == ["delivered"]
    assert best_stage(outcome.incident) == kinds.DELIVERED


def test_the_table_never_leaves_closed_and_never_returns_to_new() -> None:
    for (state, event), after in TRANSITIONS.items():
        assert after is not State.NEW
        if state is State.CLOSED and event != "visit":  # overdue after all: nobody looks after it
            assert after is State.CLOSED


def test_a_message_about_no_incident_is_our_mistake() -> None:
    with pytest.raises(TypeError):
        incidents.hear(opened(), uplink(kinds.query_word(0), 20))
