"""The radio head's plug is pulled and comes back under another name."""

from functools import partial

import pytest

from hil_tests.bench.virtual import VirtualBench


@pytest.mark.slow
def test_the_gateway_finds_the_head_again_and_no_press_is_lost(bench: VirtualBench) -> None:
    assert bench.wait(lambda: any(said.get("source") == "radio.head" for said in bench.said), 10)
    port = bench.site.port
    bench.site.world.do(port.unplug)
    assert bench.wait(lambda: "link_down" in bench.faults("fault"), 10)

    bench.press(0)
    assert bench.wait(lambda: ("button-1", "sent") in bench.felt, 5)
    bench.site.world.do(partial(port.plug, port.path.with_name("head1")))

    assert bench.wait(lambda: "link_down" in bench.faults("restore"), 10)
    assert bench.wait(lambda: ("button-1", "received") in bench.felt, 10)
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.raised", "button-1")), 5)
