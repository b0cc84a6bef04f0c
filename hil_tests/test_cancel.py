"""A cancel is something the operator sees; it never erases the alert, and an old one never applies."""

import pytest

from hil_tests.bench.virtual import Layout, VirtualBench

_OFTEN_S = 10  # between heartbeats: a clock is known after a few of them


@pytest.mark.slow
@pytest.mark.parametrize("bench", [Layout(heartbeat_s=_OFTEN_S)], indirect=True)
def test_a_cancelled_alert_stays_with_a_word_that_it_was_cancelled(bench: VirtualBench) -> None:
    until_known = 20 * _OFTEN_S  # an even heartbeat answered, and the odd one behind it heard
    assert bench.wait(lambda: bench.clock_known("button-1"), until_known)
    bench.site.cancel(0)

    assert bench.wait(lambda: ("button-1", "cancelled") in bench.felt)
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.cancelled", "button-1")))
    [raised] = bench.events("tocsin.alert.raised", "button-1")
    [cancelled] = bench.events("tocsin.alert.cancelled", "button-1")
    assert cancelled.data["incident"] == raised.data["incident"]
    assert cancelled.data["state"] != "closed"
    assert cancelled.data["freshness"] == "fresh"


@pytest.mark.slow
def test_a_cancel_right_after_first_contact_is_felt_and_shown_and_marked(
    bench: VirtualBench,
) -> None:
    bench.site.cancel(0)

    assert bench.wait(lambda: ("button-1", "cancelled") in bench.felt)
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.cancel_unverified", "button-1")))
    [shown] = bench.events("tocsin.alert.cancel_unverified", "button-1")
    assert shown.data["verdict"] == "unverified"
    assert not shown.data["cancelled"]
    assert bench.events("tocsin.alert.cancelled", "button-1") == []
