"""[metrics]: this machine alone unless told otherwise, off for an empty text, a wrong address is named."""

import pytest

from gateway.fields import Fields, Problem
from gateway.telemetry.metrics_config import MetricsConfig, read_metrics


def read(table: dict[str, object]) -> tuple[MetricsConfig, list[Problem]]:
    problems: list[Problem] = []
    return read_metrics(Fields(table, "", problems)), problems


def listen(text: object) -> tuple[MetricsConfig, list[Problem]]:
    return read({"metrics": {"listen": text}})


def test_without_a_word_this_machine_alone_may_ask() -> None:
    config, problems = read({})
    assert (config, problems) == (MetricsConfig("127.0.0.1", 9464), [])
    assert config.local


def test_an_empty_text_turns_it_off() -> None:
    config, problems = listen("")
    assert (config.host, problems) == ("", [])


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("[::1]:80", "::1", 80), ("0.0.0.0:9464", "0.0.0.0", 9464), ("gw.local:1", "gw.local", 1)],
)
def test_other_addresses(text: str, host: str, port: int) -> None:
    config, problems = listen(text)
    assert (config, problems) == (MetricsConfig(host, port), [])
    assert config.local is (host == "::1")


@pytest.mark.parametrize("text", ["9464", "127.0.0.1", "h:0", "h:70000", "h:x", "a b:1", 5])
def test_what_is_no_address_is_named(text: object) -> None:
    _, (problem,) = listen(text)
    assert problem.key == "metrics.listen"
    assert "127.0.0.1:9464" in problem.what
