"""The door under attack: no flood delays, displaces or hides a frame of a device that is known or lost."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from gateway.disk.heard import read_states
from gateway.events import Acknowledge, Enrolled
from gateway.frames import door
from gateway.frames.lookahead import Chunk
from gateway.gateway_clock import running_s
from gateway.inbox import FRAMES_MAX
from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE, KEY, device, received, uplink
from gateway.tests.player import Wearer
from gateway.tests.sweeping import flood
from protocol.kinds import ACKNOWLEDGED, PANIC, STORED, incident_word
from protocol.replay import SEEN

OUTAGE_S = 60 * 3600.0
OTHER = b"sixteen byte key"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = await Bench(tmp_path).open(device(), device("other", OTHER, slot=2))
    yield bench
    await bench.store.close()


@pytest.fixture
def wearer() -> Wearer:
    return Wearer(KEY)


def passing(begin: float = 1_000.0) -> Callable[[], float]:
    """Return a clock that has gone on by a millisecond whenever it is read."""
    ticks = count()
    return lambda: begin + next(ticks) / 1000


def search(bench: Bench, at: float = 1_000.0, units: int = 2000) -> None:
    bench.way.door.sweep(at, units / 1000, passing(at))


async def step(bench: Bench) -> None:
    await bench.way.step(bench.inbox.take_now())


async def hear_in_turn(bench: Bench, frames: list[bytes]) -> None:
    for at in range(0, len(frames), 100):
        await bench.hear(*frames[at : at + 100])


def ops(bench: Bench, wearer: Wearer) -> list[int]:
    return [answer.op for answer in bench.answers(wearer)]


def near_valid(frame: bytes, how_many: int) -> list[bytes]:
    source = random.Random(1)
    return [frame[:4] + source.randbytes(11) for _ in range(how_many)]


async def test_an_alert_amid_10_000_unknown_frames_is_answered_in_the_same_step(
    bench: Bench, wearer: Wearer
) -> None:
    noise = [frame for frame, _ in zip(flood(7), range(10_000), strict=False)]
    await bench.hear(*noise[:9_000], wearer.press(), *noise[9_000:])
    assert ops(bench, wearer) == [STORED]
    assert bench.inbox.dropped == 0
    assert bench.logbook.rejected["unknown_device"] == 10_000
    assert bench.way.door.unresolved == 10_000


async def test_an_alert_amid_10_000_forgeries_of_it_is_answered_in_the_same_step(
    bench: Bench, wearer: Wearer
) -> None:
    alert = wearer.press()
    forged = near_valid(alert, 10_000)
    await bench.hear(*forged[:9_000], alert, *forged[9_000:])
    assert ops(bench, wearer) == [STORED]
    assert bench.inbox.dropped == 0
    assert bench.logbook.rejected["bad_tag"] == 10_000
    assert bench.way.door.unresolved <= 4  # of one hint


async def test_an_alert_amid_10_000_duplicates_is_answered_in_the_same_step(
    bench: Bench, wearer: Wearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[int] = []
    unprotect = Chunk.unprotect

    def noted(chunk: Chunk, counter: int, frame: bytes) -> bytes:
        checked.append(counter)
        return unprotect(chunk, counter, frame)

    monkeypatch.setattr(Chunk, "unprotect", noted)
    known = [wearer.heartbeat() for _ in range(10)]
    await bench.hear(*known)
    bench.rim.sent.clear()
    other = Wearer(OTHER)
    waiting = other.heartbeat(listening=0)  # not accepted yet: it waits, once
    await bench.hear(*known * 500, *[waiting] * 5_000, wearer.press())
    assert ops(bench, wearer) == [STORED]
    assert bench.inbox.dropped == 0
    assert bench.logbook.heard["duplicate"] == 10_000 - 1
    assert len(checked) == len(known) + 2  # none twice
    assert bench.way.door.unresolved == 0


async def test_a_duplicate_is_answered_at_the_door_while_a_commit_is_under_way(
    bench: Bench, wearer: Wearer
) -> None:
    alert = wearer.press()
    await bench.hear(alert)
    bench.way.door.hear(received(alert, 1_002.0))
    assert ops(bench, wearer) == [STORED] * 2
    assert bench.inbox.take_now().frames == []


async def test_a_frame_heard_again_while_it_is_committed_is_a_duplicate(
    bench: Bench, wearer: Wearer
) -> None:
    alert = wearer.press()
    bench.way.door.hear(received(alert))
    first = bench.inbox.take_now()
    bench.way.door.hear(received(alert))
    await bench.way.step(first)
    await step(bench)
    assert ops(bench, wearer) == [STORED]
    assert bench.logbook.heard["duplicate"] == 1


async def test_a_device_10_000_counters_ahead_is_found_its_alert_raised_and_answered(
    bench: Bench, wearer: Wearer
) -> None:
    await bench.hear(wearer.heartbeat(listening=0))
    wearer.counter += 10_000
    alert, refresh = wearer.press(), wearer.refresh()
    await bench.hear(alert)
    assert bench.ledger.incidents == {}
    search(bench)
    await step(bench)
    assert ops(bench, wearer) == [STORED]
    assert set(bench.ledger.incidents) == {wearer.incident}
    await bench.hear(refresh)  # from now on it is ahead of nobody
    assert len(ops(bench, wearer)) == 2
    assert bench.way.door.unresolved == 0
    states = await bench.store.read(read_states)
    assert states[DEVICE].window.judge(wearer.counter - 2) == SEEN


async def test_a_gateway_that_was_off_for_60_h_knows_the_first_alert_of_its_devices_at_once(
    tmp_path: Path, wearer: Wearer
) -> None:
    before = await Bench(tmp_path).open()
    await before.hear(wearer.heartbeat(listening=0))
    await before.store.close()
    bench = await Bench(tmp_path).open()
    search(bench, 1_000.0 + OUTAGE_S)  # as the service does before a radio is opened
    for frame, _ in zip(flood(8), range(20_000), strict=False):
        bench.way.door.hear(received(frame, 1_000.0 + OUTAGE_S))
    wearer.counter += int(OUTAGE_S / 300)
    await bench.hear(wearer.press(), at=1_000.0 + OUTAGE_S)
    assert ops(bench, wearer) == [STORED]
    await bench.store.close()


async def test_what_is_found_goes_in_before_what_waits_and_where_no_more_is_taken(
    bench: Bench, wearer: Wearer
) -> None:
    for number in range(FRAMES_MAX + 1):
        bench.inbox.hear(uplink(0, number))
    assert bench.inbox.dropped == 1
    lost = [wearer.protect(incident_word(PANIC, 0, 0, 0, 5), counter=9_600 + n) for n in (0, 1)]
    for frame in lost:
        bench.way.door.hear(received(frame))
    search(bench)
    waiting = bench.inbox.take_now().frames
    assert {one.received.frame for one in waiting[:2]} == set(lost)
    assert bench.inbox.dropped == 1


async def test_a_lost_device_whose_hint_is_ahead_of_another_is_found(
    bench: Bench, wearer: Wearer
) -> None:
    wearer.counter = 5_000
    alert = wearer.press()
    ahead = bench.way.door._lookahead
    chunk = ahead.first(Wearer(OTHER).heartbeat()[:4])
    assert chunk is not None
    chunk.hints = alert[:4] + chunk.hints[4:]
    ahead._chunks[alert[:4]] = chunk
    await bench.hear(alert)
    assert bench.logbook.rejected == {"bad_tag": 1}
    search(bench)
    await step(bench)
    assert ops(bench, wearer) == [STORED]


async def test_the_search_sleeps_while_nothing_waits(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps: list[float] = []
    sweep = bench.way.door.sweep
    search(bench)

    def noted(now: float, budget_s: float, *clock: Callable[[], float]) -> None:
        sweeps.append(budget_s)
        sweep(now, budget_s, *clock)

    monkeypatch.setattr(bench.way.door, "sweep", noted)
    running = asyncio.create_task(bench.way.door.run())
    await asyncio.sleep(0.1)
    idle = len(sweeps)
    bench.way.door.hear(received(bytes(15), running_s()))
    await asyncio.sleep(0.2)
    running.cancel()
    assert idle <= 5  # what is likely may take a few of them at first; never asleep it would be ten
    assert idle + 2 <= len(sweeps) <= idle + 25
    assert set(sweeps) == {door.SWEEP_S}
    assert door.SWEEP_S <= door.SWEEP_EVERY_S / 10


async def test_the_search_looks_after_itself_where_nothing_waits_for_long(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_IDLE_S", 0.001)
    running = asyncio.create_task(bench.way.door.run())
    await asyncio.sleep(0.05)
    assert not running.done()
    running.cancel()


async def test_the_alert_of_a_clone_long_behind_is_raised_and_its_replay_is_not(
    tmp_path: Path, wearer: Wearer
) -> None:
    bench = await Bench(tmp_path).open()
    genuine = [wearer.heartbeat(listening=0) for _ in range(200)]
    await hear_in_turn(bench, genuine)
    await bench.store.close()
    bench = await Bench(tmp_path).open()  # what tells them apart is on disk
    clone = wearer.protect(incident_word(PANIC, 0, 0, 0, 5), counter=180)
    await bench.hear(genuine[180], genuine[181])
    assert bench.logbook.rejected == {"too_old": 2}
    await bench.hear(clone)
    assert [one.kind for one in bench.ledger.incidents.values()] == ["panic"]
    assert bench.log.getvalue().count("counter_reuse") == 1
    await bench.hear(*[wearer.heartbeat(listening=0) for _ in range(16)])
    await bench.hear(genuine[180], clone)  # neither raises again
    assert bench.log.getvalue().count("counter_reuse") == 1
    assert bench.logbook.rejected == {"too_old": 4}
    await bench.store.close()


async def test_a_replay_is_no_reuse_once_its_counter_had_two_frames(
    bench: Bench, wearer: Wearer
) -> None:
    genuine = [wearer.heartbeat(listening=0) for _ in range(20)]
    await bench.hear(*genuine)
    clone = wearer.protect(incident_word(PANIC, 0, 0, 0, 5), counter=2)
    await bench.hear(clone)  # that is remembered, the genuine frame no more
    await bench.hear(genuine[2])
    assert bench.log.getvalue().count("counter_reuse") == 1
    assert bench.logbook.rejected == {"too_old": 1}


async def test_a_frame_made_with_the_key_before_says_nothing_of_the_device_with_the_next(
    bench: Bench,
) -> None:
    before, renewed = Wearer(OTHER, 9), b"yet another key!"
    settled = bench.inbox.post(Enrolled(1_000.0))
    enrolling = bench.inbox.take_now()
    bench.way.door.hear(received(before.press()))  # while the registry is read
    bench.rim.enrolled = [replace(device("other", renewed, slot=2), enrolled_at=1_000.0)]
    await bench.way.step(enrolling)
    await step(bench)
    assert await settled == "done"
    assert bench.ledger.states["other"].window.highest == -1
    assert bench.ledger.incidents == {}
    after = Wearer(renewed)
    await bench.hear(after.press())
    assert ops(bench, after) == [STORED]


async def test_a_person_is_told_to_a_device_that_was_found(bench: Bench, wearer: Wearer) -> None:
    wearer.counter = 70_000
    await bench.hear(wearer.press())
    search(bench)
    await step(bench)
    assert await bench.post(Acknowledge(wearer.incident, "Jo", 3, 1_001.0)) == "done"
    assert ops(bench, wearer) == [STORED, ACKNOWLEDGED]
