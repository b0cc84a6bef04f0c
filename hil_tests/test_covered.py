"""Am I covered? A short press is felt as yes or no, and no is said where nobody could be told."""

import pytest

from hil_tests.bench.virtual import VirtualBench


@pytest.mark.slow
def test_yes_while_all_works_and_no_while_the_broker_is_down(bench: VirtualBench) -> None:
    bench.site.ask(0)
    assert bench.wait(lambda: bool(bench.felt))
    assert bench.felt == [("button-1", "covered")]

    assert bench.wait(lambda: bench.asleep(0))  # sooner, one more tap would be an alert
    bench.site.stop_broker()
    assert bench.wait(lambda: "unreachable" in bench.faults("fault"))
    bench.site.ask(0)
    assert bench.wait(lambda: len(bench.felt) > 1)
    assert bench.felt[1:] == [("button-1", "not_covered")]
    assert [seen.type for seen in bench.seen] == []  # a question is no alert

    bench.site.start_broker()
    assert bench.wait(lambda: "unreachable" in bench.faults("restore"))
    assert bench.wait(lambda: bench.asleep(0))
    bench.site.ask(0)
    assert bench.wait(lambda: len(bench.felt) > 2)
    assert bench.felt[2:] == [("button-1", "covered")]
    told = [seen.type for seen in bench.seen if seen.data.get("code") == "unreachable"]
    assert told == ["tocsin.gateway.fault", "tocsin.gateway.restore"]
