"""The radio head is unplugged while a call is open: who calls again is shown what was decided meanwhile."""

import pytest

from hil_tests.bench.virtual import VirtualBench


@pytest.mark.slow
def test_the_box_shows_help_once_the_head_is_back(bench: VirtualBench) -> None:
    call = bench.call()
    assert bench.wait(lambda: "delivered" in bench.shown)

    bench.unplug_head()
    assert bench.wait(lambda: "link_down" in bench.faults("fault"))
    bench.acknowledge(call)
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.acknowledged", "box-1")))
    assert "help" not in bench.shown
    bench.plug_head("head1")
    assert bench.wait(lambda: "link_down" in bench.faults("restore"))

    bench.call()
    assert bench.wait(lambda: "help" in bench.shown)
    assert len(bench.events("tocsin.alert.raised", "box-1")) == 1
