"""Somebody jams LoRa while a call box calls: it goes on calling, and gets through when the air is free."""

import pytest

from hil_tests.bench.virtual import VirtualBench

RAISED = "tocsin.alert.raised"
_JAMMED_S = 5.0


@pytest.mark.slow
def test_the_call_gets_through_when_the_jamming_ends(bench: VirtualBench) -> None:
    free_s = bench.site.jam_lora(_JAMMED_S)
    call = bench.call()

    assert bench.wait(lambda: "delivered" in bench.shown)
    assert bench.wait(lambda: bool(bench.events(RAISED, "box-1")))
    assert bench.shown[0] == "calling"
    assert call.touched_s < free_s < call.at["received"]
    assert len(bench.events(RAISED, "box-1")) == 1
