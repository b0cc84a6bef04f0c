"""Runs on the real MicroPython: every module, every vector, and what may not allocate.

    MICROPYPATH=. micropython protocol/tests/run_micropython.py

Prints a name and a count a line; exits 1 after the first failure.
"""

import os
import sys

import micropython

from protocol import compiled, kinds, loops, portable
from protocol.advert import frame_span, to_advert
from protocol.causes import WATCHDOG
from protocol.constants import TIME_UNKNOWN
from protocol.duty import RECORD_LEN, Ledger
from protocol.keys import Keys
from protocol.protect import Downlink, Uplink
from protocol.tests import vector_checks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[], object]

LAST_COUNTER = (1 << 30) - 1  # not a small integer on 32-bit MicroPython: 2^29 and 2^30 - 1 are


def import_modules() -> int:
    """Import every module of the protocol."""
    folder = vector_checks.__file__.rsplit("/", 2)[0]
    names = [name[:-3] for name in os.listdir(folder) if name.endswith(".py")]
    for name in names:
        __import__("protocol." + name)
    return len(names)


def replay(name: str) -> int:
    """Check every case of a file of vectors."""
    cases = vector_checks.load(name)
    for number, case in enumerate(cases):
        try:
            vector_checks.CHECKS[name](case)
        except Exception:
            print("failed:", name, number, case)
            raise
    return len(cases)


def check_compiled() -> int:
    """Compare each compiled loop with the plain one, at every length and place a frame has."""
    count = 0
    a, b = bytes(range(1, 60)), bytes(range(255, 180, -1))
    for number in (0, 1, 255, 256, 0x12345678, 1 << 29, LAST_COUNTER):
        compare("put_counter", 5, number)
        count += 1
    for at in range(20):
        for length in range(24):
            compare("copy", at, a, at, length)
            compare("xor", at, a, 7, b, length)
            count += 2
    for start in range(10):
        compare("spread", b[start : start + 13])
        count += 1
    return count


def compare(name: str, *rest: object) -> None:
    ours, theirs = bytearray(b"\xaa" * 48), bytearray(b"\xaa" * 48)
    getattr(compiled, name)(ours, *rest)
    getattr(loops, name)(theirs, *rest)
    vector_checks.same(ours, theirs)
    if getattr(portable, name) is not getattr(compiled, name):
        raise AssertionError(name + " is not the compiled one")


def allocates(work: "Work") -> bool:
    """Say whether `work` asks for heap."""
    micropython.heap_lock()
    try:
        work()
    except MemoryError:
        return True
    finally:
        micropython.heap_unlock()
    return False


def check_heap() -> int:
    """Run what a button does between press and indication with the heap locked."""
    if not allocates(lambda: bytearray(64)):
        raise AssertionError("the heap is not locked: this check proves nothing")
    works = heap_works()
    for name, work in works:
        if allocates(work):
            raise AssertionError(name + " allocates")
    return len(works)


def heap_works() -> "list[tuple[str, Work]]":
    """Return everything that may not allocate, by name."""
    keys = Keys(bytes(range(16)))
    uplink = Uplink(keys)
    downlink = Downlink(keys)
    works: "list[tuple[str, Work]]" = []
    for length in (3, 11):
        body, frame = bytearray(length), bytearray(length + 12)
        for counter in (0, 1 << 24, 1 << 29, LAST_COUNTER):
            name = " " + str(length) + " " + str(counter)
            works.append(("protect" + name, uplink_work(uplink, counter, body, frame)))
    for length in (3, 7):
        content = bytearray(length)
        for counter in (0, 1 << 24, 1 << 29, LAST_COUNTER):
            name = " " + str(length) + " " + str(counter)
            frame = bytearray(length + 12)
            works.append(("answer" + name, answer_work(downlink, counter, content, frame)))
            good = bytearray(length + 12)
            downlink.protect(counter, content, good)
            works.append(("right ack" + name, CheckAck(downlink, counter, good, True)))
            bad = bytearray(good)
            bad[-1] ^= 1
            works.append(("wrong ack" + name, CheckAck(downlink, counter, bad, False)))
    payload = to_advert(bytearray(15))
    for name, view in (("frame_span", payload), ("frame_span of a view", memoryview(payload))):
        works.append((name, span_work(view)))
    body = bytearray(3)
    works.append(("words", lambda: build_words(body)))
    ledger = Ledger(bytes(RECORD_LEN), 0)
    works.append(("ledger", lambda: spend_airtime(ledger)))
    return works


def uplink_work(uplink: Uplink, counter: int, body: bytearray, frame: bytearray) -> "Work":
    return lambda: uplink.protect(counter, body, frame)


def answer_work(downlink: Downlink, counter: int, content: bytearray, frame: bytearray) -> "Work":
    return lambda: downlink.protect(counter, content, frame)


class CheckAck:
    """Judges a downlink as a button does; a closure over so much would allocate."""

    def __init__(self, downlink: Downlink, counter: int, frame: bytearray, right: bool) -> None:
        self.downlink = downlink
        self.counter = counter
        self.frame = frame
        self.right = right
        self.content = bytearray(len(frame) - 12)
        self.hint = bytearray(4)
        self.misjudged = AssertionError("an ack was misjudged")

    def __call__(self) -> None:
        self.downlink.hint(self.counter, self.hint)
        if self.downlink.unprotect_into(self.counter, self.frame, self.content) is not self.right:
            raise self.misjudged


def span_work(payload: bytearray | memoryview) -> "Work":
    return lambda: frame_span(payload)


def build_words(body: bytearray) -> None:
    time = kinds.device_time(1 << 29, True)
    kinds.put_word(kinds.incident_word(kinds.PANIC, 1, 3, 63, time), body)
    kinds.put_word(kinds.visit_start_word(1, 1_275, time), body)
    kinds.put_word(kinds.condition_word(kinds.FAULT, 31, 15, time), body)
    kinds.put_word(kinds.query_word(time), body)
    kinds.put_word(kinds.report_word(15, 15, 1, time), body)
    page = kinds.battery_page(3_000)
    kinds.put_word(kinds.heartbeat_word(1, 1, page, TIME_UNKNOWN), body)
    kinds.uptime_page(1 << 29)
    kinds.status_page(WATCHDOG, 1, 1, 1, 1)
    kinds.word_of(body)
    kinds.mark_bit(kinds.downlink_word(kinds.STORED, 0xFF, 0, kinds.MARK_MAX))


def spend_airtime(ledger: Ledger) -> None:
    """Two hours of frames of SF12, and a day of nothing."""
    for now_s in range(0, 7_200, 16):
        if not ledger.may_send(1_155_072, True, now_s):
            raise MemoryError
        ledger.note(1_155_072, now_s)
    ledger.may_send(1_155_072, False, 90_000)


def main() -> None:
    """Run everything."""
    print("bits", 64 if sys.maxsize >> 32 else 32)
    print("modules", import_modules())
    for name in vector_checks.CHECKS:
        print(name, replay(name))
    print("compiled", check_compiled())
    print("heap", check_heap())


main()
