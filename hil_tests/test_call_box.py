"""A call from a box reaches a person over LoRa, and the box shows that this person is coming."""

import pytest

from hil_tests.bench.virtual import VirtualBench

RAISED = "tocsin.alert.raised"


@pytest.mark.slow
def test_the_call_reaches_the_operator_and_the_box_shows_that_help_is_coming(
    bench: VirtualBench,
) -> None:
    call = bench.call()

    assert bench.wait(lambda: bool(bench.events(RAISED, "box-1")))
    [event] = bench.events(RAISED, "box-1")
    assert (event.data["kind"], event.data["place"]) == ("emergency", "car park")
    assert event.data["incident"] == call.incident
    assert bench.wait(lambda: "delivered" in bench.shown)
    assert bench.box_sounds()
    assert "help" not in bench.shown  # nobody has taken it yet

    bench.acknowledge(call)
    assert bench.wait(lambda: "help" in bench.shown)
    assert not bench.box_sounds()
    assert len(bench.events(RAISED, "box-1")) == 1
