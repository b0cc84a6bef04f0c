"""One press, all the way to a person and back."""

import pytest

from hil_tests.bench.virtual import VirtualBench

RAISED = "tocsin.alert.raised"


@pytest.mark.parametrize("kind", ["panic", pytest.param("hold_up", marks=pytest.mark.slow)])
def test_the_wearer_feels_received_and_then_help(bench: VirtualBench, kind: str) -> None:
    press = bench.press(0, kind)

    assert bench.wait(lambda: ("button-1", "received") in bench.felt)
    assert bench.wait(lambda: bool(bench.events(RAISED, "button-1")))
    assert ("button-1", "help") not in bench.felt  # nobody has taken it yet
    bench.acknowledge(press)
    assert bench.wait(lambda: ("button-1", "help") in bench.felt)

    [event] = bench.events(RAISED, "button-1")
    assert event.data["incident"] == press.incident
    assert event.data["kind"] == kind
    assert event.data["silent"] is (kind == "hold_up")
    assert bench.felt[:3] == [("button-1", n) for n in ("sent", "received", "help")]
    assert bench.wait(lambda: any(line["event"] == "wearer_felt" for line in bench.said))
