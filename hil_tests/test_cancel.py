"""A cancel is something the operator sees; it never erases the alert."""

import pytest

from hil_tests.bench.virtual import VirtualBench


@pytest.mark.slow
def test_a_cancelled_alert_stays_with_a_word_that_it_was_cancelled(bench: VirtualBench) -> None:
    bench.site.cancel(0)

    assert bench.wait(lambda: ("button-1", "cancelled") in bench.felt, 15)
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.cancelled", "button-1")), 5)
    [raised] = bench.events("tocsin.alert.raised", "button-1")
    [cancelled] = bench.events("tocsin.alert.cancelled", "button-1")
    assert cancelled.data["incident"] == raised.data["incident"]
    assert cancelled.data["state"] != "closed"
