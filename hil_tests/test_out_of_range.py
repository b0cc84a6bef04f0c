"""A press where no gateway hears it: the wearer is told so, and coming back is enough."""

import pytest

from hil_tests.bench.virtual import VirtualBench


@pytest.mark.slow
def test_the_alert_arrives_when_the_wearer_is_back_in_range(bench: VirtualBench) -> None:
    bench.site.set_range(0, in_range=False)
    press = bench.press(0)

    assert bench.wait(lambda: ("button-1", "not_received") in bench.felt)
    assert not press.incident
    bench.site.set_range(0, in_range=True)

    assert bench.wait(lambda: ("button-1", "received") in bench.felt)
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.raised", "button-1")))
    assert len(bench.events("tocsin.alert.raised", "button-1")) == 1
