"""A button loses its battery in mid-alert: it goes on with the same incident, and is answered.

Its first frame on air is what it goes on from: then it writes down what it needs for that, which takes 2 to
8 ms. A cut in these is the only one that may end a call, and the first frame of that one was on air.
"""

import pytest

from hil_tests.bench.virtual import VirtualBench
from tools.demonstration.timeline import Press

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


_HELP = ("button-1", "help")
_WRITTEN_MS = 30  # the write, and what a busy machine takes to get to it


@pytest.mark.slow
def test_a_cut_right_after_the_first_frame_ends_no_call(bench: VirtualBench) -> None:
    for after_ms in (5, 15, _WRITTEN_MS, 60):
        press = bench.press_cut_short(0, after_ms)
        if not _felt_stored(bench, press, 4):
            assert after_ms < _WRITTEN_MS
            press = bench.press(0)
            assert _felt_stored(bench, press, 30)
        helped = bench.felt.count(_HELP)
        bench.acknowledge(press)
        assert bench.wait(lambda: bench.felt.count(_HELP) > helped)  # noqa: B023  waited for here
        assert bench.wait(lambda: bench.asleep(0))
    raised = [event.data["incident"] for event in bench.events(RAISED, "button-1")]
    assert len(raised) == len(set(raised)) <= 6
    assert "counter_reuse" not in bench.faults("fault")


def _felt_stored(bench: VirtualBench, press: Press, limit_s: float) -> bool:
    return bench.wait(lambda: "felt_stored" in press.at, limit_s)
