"""What a commission reads from the journal is what happened: an alert that a person took."""

import pytest

from hil_tests.bench.virtual import VirtualBench
from tools.provision.commission import evidence


def journal(bench: VirtualBench, after: int = 0) -> evidence.Journal:
    return evidence.read(bench.site.gateway.ask("journal", "export").splitlines(), after)


@pytest.mark.slow
def test_the_alert_that_a_person_took_is_found_in_the_journal(
    bench: VirtualBench,
) -> None:
    begun = int(str(journal(bench).head["n"]))
    press = bench.press(1)
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.raised", "button-2")))
    assert not _escalation(bench, begun).taken
    bench.acknowledge(press)
    assert bench.wait(lambda: ("button-2", "help") in bench.felt)
    assert bench.wait(lambda: _escalation(bench, begun).taken)
    found = _escalation(bench, begun)
    assert (found.device, found.kind) == ("button-2", "panic")
    assert found.delivered.keys() == {"broker"}
    assert found.by is not None

    [heard] = evidence.presses(journal(bench, begun).entries, "button-2")
    assert (heard.kind, heard.medium) == ("panic", "ble")
    assert -100 < heard.rssi < -30


def _escalation(bench: VirtualBench, begun: int) -> evidence.Escalation:
    found = evidence.escalation(journal(bench, begun).entries)
    assert found is not None
    return found
