"""A button loses its battery in mid-alert: it goes on with the same incident, and is answered."""

import pytest

from hil_tests.bench.virtual import VirtualBench

RAISED = "tocsin.alert.raised"


@pytest.mark.slow
def test_the_alert_goes_on_as_the_same_incident(bench: VirtualBench) -> None:
    press = bench.press(0)
    assert bench.wait(lambda: ("button-1", "received") in bench.felt)
    assert bench.wait(lambda: bool(bench.events(RAISED, "button-1")))

    bench.cut_power(0)
    bench.acknowledge(press)  # while the button starts, or just after
    assert bench.wait(lambda: ("button-1", "help") in bench.felt)
    assert [event.data["incident"] for event in bench.events(RAISED, "button-1")] == [
        press.incident
    ]
