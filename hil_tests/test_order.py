"""A person orders devices from the gateway: a box sounds its siren, a button goes into test mode."""

import json
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from hil_tests.bench.virtual import VirtualBench

# The first heartbeat of a box, behind which it can be told, comes within a minute.
_WITHIN_S = "120"


def order(bench: VirtualBench, *words: str) -> "Future[str]":
    """Give an order on the gateway's command line, which waits for the device's report."""
    options = ("--by", "desk", "--within-s", _WITHIN_S, "--json")
    pool = ThreadPoolExecutor(1)
    said = pool.submit(bench.site.gateway.ask, "command", *words, *options)
    pool.shutdown(wait=False)
    return said


def result(said: "Future[str]") -> object:
    return json.loads(said.result())["result"]


@pytest.mark.slow
def test_a_call_box_sounds_its_siren_when_it_is_ordered_to_and_says_so(
    bench: VirtualBench,
) -> None:
    said = order(bench, "box-1", "siren", "--seconds", "30")

    assert bench.wait(bench.box_sounds, 90.0)
    assert bench.wait(said.done)
    assert result(said) == "order_done"
    assert bench.box_sounds()

    said = order(bench, "box-1", "siren", "--seconds", "0")
    assert bench.wait(said.done)
    assert result(said) == "order_done"
    assert not bench.box_sounds()
    assert bench.events("tocsin.alert.raised", "box-1") == []


@pytest.mark.slow
def test_a_button_that_is_ordered_to_a_walk_test_sends_tests_and_no_alerts(
    bench: VirtualBench,
) -> None:
    said = order(bench, "button-1", "walk-test", "--minutes", "5")
    assert bench.wait(lambda: any(line["event"] == "ordered" for line in bench.said))

    bench.site.ask(0)  # it listens behind its own frames only
    assert bench.wait(said.done)
    assert result(said) == "order_done"
    assert bench.wait(lambda: ("button-1", "test_mode") in bench.felt)

    assert bench.wait(lambda: bench.asleep(0))
    bench.site.ask(0)
    assert bench.wait(lambda: bool(bench.events("tocsin.test.raised", "button-1")))
    assert bench.wait(lambda: ("button-1", "received") in bench.felt)
    assert bench.events("tocsin.alert.raised", "button-1") == []
