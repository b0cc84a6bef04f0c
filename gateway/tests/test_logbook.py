"""The lines: one an event, in text and JSON, with nothing that was not named."""

import asyncio
import json
import os
from io import StringIO
from pathlib import Path

import pytest

from gateway.drafts import Entry
from gateway.ledger import Committed
from gateway.telemetry.logbook import Logbook
from gateway.tests.builders import ledger


@pytest.fixture
def stream() -> StringIO:
    return StringIO()


def test_a_line_in_both_forms(stream: StringIO) -> None:
    Logbook("json", stream).line("fault", 1.25, source="radio.head", code=None)
    Logbook("text", stream).line("fault", 1.25, source="radio.head", code=None)
    assert stream.getvalue().splitlines() == [
        '{"t": 1.25, "event": "fault", "source": "radio.head"}',
        "1970-01-01T00:00:01.250+00:00 fault source=radio.head",
    ]


def test_a_raised_incident_is_received_and_stored(stream: StringIO) -> None:
    batch = ledger().batch()
    detail = {"kind": "panic", "by": "Jo", "label": "Dr Martin", "body": "e00001"}
    batch.journal.append(Entry("raised", 10.0, "ab", "button-01", detail))
    Logbook("json", stream).committed(Committed(batch, 10.012))
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first == {
        "t": 10.0,
        "event": "received",
        "incident": "ab",
        "device": "button-01",
        "kind": "panic",
    }
    assert second == {**first, "t": 10.012, "event": "stored", "ms": 12.0}


def test_rejections_are_summed_up_and_only_when_there_are_new_ones(stream: StringIO) -> None:
    logbook = Logbook("text", stream)
    logbook.rejections(0.0)
    logbook.rejected.update({"bad_tag": 3, "malformed": 1})
    logbook.rejections(60.0)
    logbook.rejections(120.0)
    logbook.rejected["bad_tag"] += 2
    logbook.rejections(180.0)
    assert [line.split(" ", 1)[1] for line in stream.getvalue().splitlines()] == [
        "rejected bad_tag=3 malformed=1",
        "rejected bad_tag=2",
    ]


def test_refused_commands_are_counted_and_told_once_a_minute(stream: StringIO) -> None:
    logbook = Logbook("text", stream)
    for at in (0.0, 1.0, 59.0, 60.0):
        logbook.refused("by", at)
    assert logbook.rejected["command_by"] == 4
    assert stream.getvalue().count("command_refused") == 2


def test_a_disk_that_takes_no_line_ends_nothing() -> None:
    full = Path("/dev/full").open("w")  # noqa: SIM115 - it cannot be closed well
    logbook = Logbook("json", full)
    for _ in range(2_000):  # more than any buffer holds
        logbook.line("fault", 1.25, source="radio.head")
    with pytest.raises(OSError, match="No space"):
        full.close()


def test_a_reader_that_has_gone_ends_nothing() -> None:
    reads, writes = os.pipe()
    pipe = os.fdopen(writes, "w")
    os.close(reads)
    Logbook("text", pipe).line("started", 1.25)
    with pytest.raises(BrokenPipeError):
        pipe.close()


async def test_what_a_library_did_not_catch_is_one_line_with_its_place_and_nothing_it_said(
    stream: StringIO,
) -> None:
    def closed() -> None:
        raise OSError("Dr Martin's socket")

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(Logbook("json", stream).callback_failed)
    loop.call_soon(closed)
    await asyncio.sleep(0)
    (line,) = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (line["event"], line["error"]) == ("callback_failed", "OSError")
    assert line["where"].startswith("test_logbook.py:")
    assert "Martin" not in stream.getvalue()
