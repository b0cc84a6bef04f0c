"""The radio head's plug is pulled and comes back under another name."""

import pytest

from hil_tests.bench.virtual import VirtualBench


@pytest.mark.slow
def test_the_gateway_finds_the_head_again_and_no_press_is_lost(bench: VirtualBench) -> None:
    assert bench.wait(lambda: any(said.get("source") == "radio.head" for said in bench.said))
    bench.unplug_head()
    assert bench.wait(lambda: "link_down" in bench.faults("fault"))

    bench.press(0)
    assert bench.wait(lambda: ("button-1", "sent") in bench.felt)
    bench.plug_head("head1")

    assert bench.wait(lambda: "link_down" in bench.faults("restore"))
    assert bench.wait(lambda: ("button-1", "received") in bench.felt)
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.raised", "button-1")))
