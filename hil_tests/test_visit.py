"""A visit that is ended calls nobody; one that is not calls for help, also if the gateway was away."""

import sqlite3

import pytest

from hil_tests.bench.virtual import Layout, VirtualBench

_OFTEN_S = 10  # between heartbeats: a clock is known after a few of them
_AWAY_S = 600  # longer than the shortest visit, 5 minutes


@pytest.mark.slow
@pytest.mark.parametrize("bench", [Layout(heartbeat_s=_OFTEN_S)], indirect=True)
def test_a_visit_with_an_end_is_quiet_and_one_without_calls_for_help(bench: VirtualBench) -> None:
    assert bench.wait(lambda: bench.clock_known("button-1"), 20 * _OFTEN_S)

    bench.site.visit(0)
    assert bench.wait(lambda: ("button-1", "visit") in bench.felt)
    bench.site.end_visit(0)
    assert bench.wait(lambda: ("button-1", "visit_ended") in bench.felt)
    assert bench.wait(lambda: bool(bench.events("tocsin.device.visit_ended", "button-1")))

    bench.site.visit(0)  # at once: the button has counters enough to be sure of its clock
    assert bench.wait(lambda: len(bench.events("tocsin.device.visit_started", "button-1")) == 2)
    assert bench.events("tocsin.alert.raised", "button-1") == []
    bench.site.gateway.kill()
    _let_pass(bench, _AWAY_S)
    bench.site.gateway.start()

    assert bench.wait(lambda: bool(bench.events("tocsin.alert.raised", "button-1")))
    [raised] = bench.events("tocsin.alert.raised", "button-1")
    assert (raised.data["kind"], raised.data["visit"]) == ("visit", "overdue")
    assert raised.data["minutes"] == 5


def _let_pass(bench: VirtualBench, seconds: int) -> None:
    """Let the gateway have been away for so long: what is due on its disk is nearer by that."""
    [database] = bench.site.folder.glob("state/*.sqlite")
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE visit SET due_at = due_at - ?", (seconds,))
    connection.close()
