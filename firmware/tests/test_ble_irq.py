"""The scan handler, unmodified, on the real MicroPython with its heap locked: as the port calls it."""

from pathlib import Path

import pytest

from tools import micropython
from tools.virtual.tests.scripted import Scripted

# `events` are made before the heap is locked, as the port makes them; then the handler gets each of them.
SCRIPT = """
import micropython
from firmware.hal.ble import Ble
from firmware.hal.wait import WakeFlag
from protocol.advert import frame_span, to_advert

def result(payload, rssi=-70):
    return (0, memoryview(bytearray(6)), 2, rssi, memoryview(bytearray(payload)))

flag = WakeFlag()
ble = Ble(frame_span, flag, 8)
ble.scan(30_000, 30_000)
{events}
def run(handler, events):  # in a function: a new global name would itself take some heap
    raised = None
    micropython.heap_lock()
    try:
        for event, data in events:
            handler(event, data)
    except BaseException as error:
        raised = error
    micropython.heap_unlock()
    return raised

raised = run(ble._irq, events)
print("raised", repr(raised))
print("heard", ble.heard, "foreign", ble.foreign, "dropped", ble.dropped)
frame = bytearray(24)
taken = []
length = ble.take(frame)
while length:
    taken.append((length, frame[0], ble.rssi))
    length = ble.take(frame)
print("taken", taken)
"""
ARCHES = [None, "i386"]


@pytest.fixture(params=ARCHES, ids=["64 bits", "32 bits"])
def scripted(request: pytest.FixtureRequest, tmp_path: Path) -> Scripted:
    argv = micropython.command(request.param) if request.param else None
    return Scripted(tmp_path, micropython_argv=argv)


def run(scripted: Scripted, events: str) -> list[str]:
    with scripted:
        return scripted.run(SCRIPT.format(events=events))


def test_frames_are_stored_on_no_heap(scripted: Scripted) -> None:
    lines = run(
        scripted,
        "events = [(5, result(to_advert(bytes([n]) * (15 + n)), -n * 15)) for n in range(1, 8)]",
    )
    assert lines[:2] == ["raised None", "heard 7 foreign 0 dropped 0"]
    assert lines[2] == f"taken {[(15 + n, n, -n * 15) for n in range(1, 8)]}"


def test_more_than_the_ring_holds_is_counted(scripted: Scripted) -> None:
    lines = run(scripted, "events = [(5, result(to_advert(bytes([n]) * 15))) for n in range(30)]")
    assert lines[:2] == ["raised None", "heard 30 foreign 0 dropped 23"]
    assert lines[2] == f"taken {[(15, n, -70) for n in range(7)]}", "the oldest stay"


def test_foreign_and_malformed_payloads_of_every_length(scripted: Scripted) -> None:
    lines = run(
        scripted,
        """
ours = bytes(to_advert(bytes(15)))
payloads = [ours[:n] for n in range(len(ours))]
payloads += [bytes([n]) * 31 for n in range(256)]
payloads += [bytes([2, 1, 6, n, 255, 255, 255]) + bytes(24) for n in range(256) if not 18 <= n <= 26]
payloads += [b"", b"\\x02\\x01\\x06\\x03\\x03\\xaa\\xfe"]
events = [(5, result(payload)) for payload in payloads]
""",
    )
    counted = 22 + 256 + 247 + 2
    assert lines == [
        "raised None",
        f"heard {counted} foreign {counted} dropped 0",
        "taken []",
    ]


def test_events_it_does_not_expect_are_survived(scripted: Scripted) -> None:
    lines = run(
        scripted,
        "events = [(6, ()), (5, ()), (5, (0, None, 2)), (5, (0, None, 2, -70, None)), (99, None),"
        " (5, None), (6, ()), (5, result(to_advert(bytes(15))))]",
    )
    assert lines[0] == "raised None"
    assert lines[1].startswith("heard 5 foreign 0 dropped 4")
    assert lines[2] == "taken [(15, 0, -70)]"


def test_counts_stay_small_numbers(scripted: Scripted) -> None:
    """A number of 2^30 has to be allocated on 32 bits."""
    lines = run(
        scripted,
        "ble.heard = ble.foreign = 0x1FFFFFFE\nevents = [(5, result(bytes(7)))] * 4",
    )
    assert lines[:2] == ["raised None", "heard 2 foreign 2 dropped 0"]


def test_this_can_fail(scripted: Scripted) -> None:
    """A handler that allocates is found out."""
    lines = run(
        scripted,
        "class Eager(Ble):\n"
        "    def _irq(self, event, data):\n"
        "        self.last = bytes(data[4])\n"
        "ble = Eager(frame_span, flag, 8)\n"
        "events = [(5, result(bytes(31)))]",
    )
    assert "MemoryError" in lines[0]
