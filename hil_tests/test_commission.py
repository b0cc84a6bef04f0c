"""What a commission reads from the journal is what happened: presses in test mode, an alert taken."""

from concurrent.futures import ThreadPoolExecutor

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


@pytest.mark.slow
def test_each_press_in_test_mode_is_found_in_the_journal(bench: VirtualBench) -> None:
    with ThreadPoolExecutor(1) as pool:
        options = ("--minutes", "5", "--by", "installer", "--within-s", "120", "--json")
        said = pool.submit(bench.site.gateway.ask, "command", "button-1", "walk-test", *options)
        assert bench.wait(lambda: any(line["event"] == "ordered" for line in bench.said))
        bench.site.ask(0)  # it listens behind its own frames only
        assert bench.wait(said.done)
    begun = int(str(journal(bench).head["n"]))
    for number in (1, 2):
        assert bench.wait(lambda: bench.asleep(0))
        bench.felt.clear()
        bench.site.ask(0)
        assert bench.wait(lambda: ("button-1", "received") in bench.felt)
        heard = evidence.presses(journal(bench, begun).entries, "button-1")
        assert [press.kind for press in heard] == ["test"] * number


def _escalation(bench: VirtualBench, begun: int) -> evidence.Escalation:
    found = evidence.escalation(journal(bench, begun).entries)
    assert found is not None
    return found
