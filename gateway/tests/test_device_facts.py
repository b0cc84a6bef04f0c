"""What the ways out show of the devices, and which of them a batch has changed."""

from dataclasses import replace

from gateway.cases.incident import Incident, State
from gateway.device_facts import Shown
from gateway.ledger import Batch, Committed, Ledger
from gateway.tests.builders import device
from gateway.watching.presence import Presence, Standing, Watched

ONE, TWO = device("one"), device("two")


def known() -> tuple[Ledger, Shown]:
    ledger = Ledger(devices={name.id: name for name in (ONE, TWO)})
    return ledger, Shown(lambda: ledger)


def put_on_disk(ledger: Ledger, shown: Shown, batch: Batch) -> None:
    ledger.adopt(Committed(batch, 0.0))
    shown.note(batch)


def test_at_first_every_device_is_shown_and_none_has_changed() -> None:
    _, shown = known()
    assert [facts.id for facts in shown.all()] == ["one", "two"]
    assert list(shown.changed(shown.revision)) == []


def test_only_what_a_batch_is_about_has_changed() -> None:
    ledger, shown = known()
    before = shown.revision
    put_on_disk(ledger, shown, Batch(ledger, watched={"two": Watched(state=Presence.MISSING)}))
    ((name, facts),) = shown.changed(before)
    assert name == "two"
    assert facts is not None
    assert facts.presence == "missing"
    assert list(shown.changed(shown.revision)) == []


def test_an_alert_a_fault_and_a_new_label_are_changes() -> None:
    ledger, shown = known()
    since = shown.revision
    incident = Incident("i", "one", 1, 1, "panic", 0.0, 0.0, state=State.OPEN)
    put_on_disk(ledger, shown, Batch(ledger, incidents={"i": incident}))
    fault = Batch(ledger, standing={("two", "tamper"): Standing(1, 0.0)})
    put_on_disk(ledger, shown, fault)
    put_on_disk(ledger, shown, Batch(ledger, devices={"two": replace(TWO, label="Door")}))
    facts = {name: facts for name, facts in shown.changed(since) if facts}
    assert facts["one"].alert == "open"
    assert facts["two"].faults == ("tamper",)
    assert facts["two"].label == "Door"


def test_a_device_that_is_gone_is_none() -> None:
    ledger, shown = known()
    since = shown.revision
    put_on_disk(ledger, shown, Batch(ledger, unenrolled={"one"}))
    assert list(shown.changed(since)) == [("one", None)]
