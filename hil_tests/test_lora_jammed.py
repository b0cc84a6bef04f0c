"""Somebody jams LoRa while a call box calls: it goes on calling, and gets through when the air is free."""

import pytest

from hil_tests.bench.virtual import VirtualBench

RAISED = "tocsin.alert.raised"
_JAMMED_S = 5.0
_LONG_S = 45.0  # jamming is told of after 30 s of any 60
_FORGOTTEN_S = 100.0  # and is over when less than 5 s of the last minute were bad


@pytest.mark.slow
def test_the_call_gets_through_when_the_jamming_ends(bench: VirtualBench) -> None:
    free_s = bench.site.jam_lora(_JAMMED_S)
    call = bench.call()

    assert bench.wait(lambda: "delivered" in bench.shown)
    assert bench.wait(lambda: bool(bench.events(RAISED, "box-1")))
    assert bench.shown[0] == "calling"
    assert call.touched_s < free_s < call.at["received"]
    assert len(bench.events(RAISED, "box-1")) == 1


@pytest.mark.slow
def test_jamming_is_a_fault_meanwhile_ble_works_and_lora_is_late_and_not_lost(
    bench: VirtualBench,
) -> None:
    assert bench.wait(lambda: "up" in [line["event"] for line in bench.said])
    free_s = bench.site.jam_lora(_LONG_S)
    call = bench.call()
    assert bench.wait(lambda: "jammed_lora" in told(bench, "fault"))
    assert bench.events(RAISED, "box-1") == []

    bench.press(0)
    assert bench.wait(lambda: bool(bench.events(RAISED, "button-1")), 10.0)
    assert bench.events(RAISED, "box-1") == []  # so the air was not free yet

    assert bench.wait(lambda: bool(bench.events(RAISED, "box-1")))
    assert bench.wait(lambda: "received" in call.at)
    assert free_s < call.at["received"]
    assert "jammed_lora" not in told(bench, "restore")
    assert bench.wait(lambda: "jammed_lora" in told(bench, "restore"), _FORGOTTEN_S)
    assert told(bench, "fault").count("jammed_lora") == 1
    assert len(bench.events(RAISED, "box-1")) == 1


def told(bench: VirtualBench, event: str) -> list[str]:
    """Return the codes of the gateway's faults or restores that reached the operator."""
    return [seen.data["code"] for seen in bench.seen if seen.type == f"tocsin.gateway.{event}"]
