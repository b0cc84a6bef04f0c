"""Silence counts only where the gateway listened."""

from gateway.events import Fault, Restore
from gateway.ledger import Batch, Committed, Ledger
from gateway.tests.builders import ledger
from gateway.watching.listening import UNNOTICED_S, Listening


class Story:
    """A gateway with two heads whose faults come and go; it looks every 30 s."""

    def __init__(self) -> None:
        self.known: Ledger = ledger()
        self.listening = Listening(("head", "other"), 0.0)
        self.now = 0.0

    def run_to(self, until: float, *events: Fault | Restore) -> None:
        batch = self._batch()
        for event in events:
            begins = isinstance(event, Fault)
            batch.faults[event.source, event.code] = event.at if begins else None
        self._end(batch)
        while self.now < until:
            self.now = min(self.now + 30.0, until)
            self._end(self._batch())

    def _batch(self) -> Batch:
        return self.known.batch(self.now, self.now)

    def _end(self, batch: Batch) -> None:
        self.listening.look(batch)
        self.known.adopt(Committed(batch, self.now))

    def heard_s(self, radio: str | None = "head", medium: str | None = "ble") -> float:
        return self.listening.listened_s(radio, medium, 0.0, self.now)


def test_the_time_of_a_fault_and_what_went_unnoticed_before_it_is_not_silence() -> None:
    story = Story()
    story.run_to(600)
    story.run_to(1_200, Fault("radio.head", "link_down", 600.0))
    assert story.listening.shut("head", "ble")
    assert story.heard_s() == 600 - UNNOTICED_S
    story.run_to(1_500, Restore("radio.head", "link_down", 1_200.0))
    assert not story.listening.shut("head", "ble")
    assert story.heard_s() == 900 - UNNOTICED_S


def test_another_radio_or_medium_goes_on_listening() -> None:
    story = Story()
    story.run_to(600, Fault("radio.head", "deaf_ble", 0.0))
    assert story.heard_s("head", "lora") == story.heard_s("other", "ble") == 600
    assert story.heard_s("head", "ble") == 0
    story.run_to(900, Fault("radio.other", "lora_failed", 600.0))
    assert story.heard_s("other", "lora") == 600 - UNNOTICED_S
    assert story.heard_s("other", "ble") == 900


def test_a_device_nobody_knows_the_ear_of_is_judged_by_the_first_radio() -> None:
    story = Story()
    story.run_to(600, Fault("radio.head", "jammed_ble", 0.0))
    assert story.listening.shut(None, None)
    assert story.listening.shut("taken out", "ble")


def test_a_machine_that_slept_heard_nothing() -> None:
    story = Story()
    story.run_to(300)
    story.now = 4_000.0
    story.run_to(4_060)
    assert story.heard_s() == 360


def test_a_head_that_comes_and_goes_counts_no_time_twice() -> None:
    story = Story()
    story.run_to(600)
    for start in range(600, 1_200, 60):
        story.run_to(start + 30, Fault("radio.head", "link_down", float(start)))
        story.run_to(start + 60, Restore("radio.head", "link_down", float(start + 30)))
    assert story.heard_s() == 600 - UNNOTICED_S + 30  # those since the last restore
