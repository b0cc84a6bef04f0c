"""How long each stage took, from journals: for the first time each, and never from before the start."""

from gateway.drafts import Entry
from gateway.ledger import Batch
from gateway.telemetry.latency import Latency, Took
from gateway.tests.builders import ledger


def batch(*names: str, at: float = 100.0, **detail: object) -> Batch:
    drafted = ledger().batch()
    drafted.journal += [Entry(name, at, "ab", "button-01", detail) for name in names]
    return drafted


def test_every_stage_is_measured_from_the_one_before() -> None:
    latency = Latency()
    assert latency.take(batch("raised"), 100.25, 5.0) == [Took("stored", 0.25)]
    assert latency.take(batch("delivered"), 101.0, 5.5) == [Took("delivered", 0.5)]
    assert latency.take(batch("acknowledged"), 101.0, 35.5) == [Took("acknowledged", 30.0)]
    felt = batch("wearer_felt", stage="acknowledged")
    assert latency.take(felt, 101.0, 37.0) == [Took("felt", 1.5)]


def test_a_stage_counts_once() -> None:
    latency = Latency()
    latency.take(batch("raised"), 100.0, 5.0)
    latency.take(batch("delivered"), 100.0, 6.0)
    assert latency.take(batch("delivered"), 100.0, 7.0) == []


def test_what_was_felt_before_a_person_answered_is_another_stage() -> None:
    latency = Latency()
    for at_s, name in enumerate(("raised", "delivered", "acknowledged")):
        latency.take(batch(name), 100.0, float(at_s))
    assert latency.take(batch("wearer_felt", stage="stored"), 100.0, 9.0) == []


def test_an_incident_of_before_the_start_is_not_measured() -> None:
    assert Latency().take(batch("delivered", "acknowledged", "closed"), 100.0, 5.0) == []


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    assert Latency().take(batch("raised", at=200.0), 100.0, 5.0) == [Took("stored", 0.0)]


def test_it_remembers_no_more_than_the_last_incidents() -> None:
    latency = Latency()
    for number in range(300):
        drafted = ledger().batch()
        drafted.journal.append(Entry("raised", 1.0, f"{number}", "button-01", {}))
        latency.take(drafted, 1.0, 1.0)
    assert list(latency._reached) == [f"{number}" for number in range(300 - 256, 300)]
