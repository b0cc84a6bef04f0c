"""The log of a gateway in a guest is read as it is written there: one line an event, in text."""

import io
from datetime import UTC, datetime

import pytest

from gateway.telemetry.logbook import Logbook
from tools.demonstration.pi import line_of


def test_what_the_gateway_logs_is_read() -> None:
    stream = io.StringIO()
    at = datetime(2026, 11, 22, 17, 0, 0, 250_000, UTC).timestamp()
    Logbook("text", stream).line("stored", at, incident="0a0b", counter=16, ms=4.5)
    assert line_of(stream.getvalue().rstrip()) == {
        "event": "stored",
        "t": f"{at:.3f}",
        "incident": "0a0b",
        "counter": "16",
        "ms": "4.5",
    }


@pytest.mark.parametrize("text", ["", "Traceback (most recent call last):", "-- Boot 17 --"])
def test_what_others_say_is_none_of_it(text: str) -> None:
    assert line_of(text) is None
