"""asyncio of the real MicroPython follows the virtual clock through the shims."""

from pathlib import Path

from tools import micropython
from tools.virtual.tests.scripted import Scripted, run

DAY_S = 24 * 3600


def test_sleeps_and_timeouts_take_virtual_time(tmp_path: Path) -> None:
    source = """
import asyncio, time

async def slow():
    await asyncio.sleep(5)

async def main():
    begun = time.ticks_ms()
    await asyncio.sleep_ms(1_230)
    print(time.ticks_diff(time.ticks_ms(), begun))
    try:
        await asyncio.wait_for_ms(slow(), 500)
    except asyncio.TimeoutError:
        print("timeout", time.ticks_diff(time.ticks_ms(), begun))
    await asyncio.gather(slow(), slow())
    print(time.ticks_diff(time.ticks_ms(), begun))

asyncio.run(main())
"""
    assert run(tmp_path, source) == ["1230", "timeout 1730", "6730"]


def test_waits_end_in_grains_of_ten_ms(tmp_path: Path) -> None:
    source = """
import asyncio, time

async def main():
    for ms in (1, 10, 11, 25):
        begun = time.ticks_ms()
        await asyncio.sleep_ms(ms)
        print(time.ticks_diff(time.ticks_ms(), begun))

asyncio.run(main())
"""
    assert run(tmp_path, source) == ["10", "10", "20", "30"]


def test_a_flag_set_from_an_interrupt_wakes_its_task(tmp_path: Path) -> None:
    source = """
import asyncio, time
from machine import Pin

flag = asyncio.ThreadSafeFlag()
pin = Pin(3, Pin.IN, Pin.PULL_UP)
pin.irq(lambda _pin: flag.set(), Pin.IRQ_FALLING)

async def main():
    for _ in range(3):
        await flag.wait()
        print(time.ticks_ms())

asyncio.run(main())
"""
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.power_on()
        scripted.world.run_for(1.004)
        for _ in range(3):
            board.drive(3, 0)
            scripted.world.run_for(0.1)
            board.drive(3, 1)
            scripted.world.run_for(0.9)
        late_ms = [int(line) - 1_004 - 1_000 * turn for turn, line in enumerate(scripted.printed())]
        assert len(late_ms) == 3
        assert all(0 <= ms <= 10 for ms in late_ms)


def test_tasks_are_cancelled_awaited_and_end_with_their_errors(tmp_path: Path) -> None:
    source = """
import asyncio

async def forever(name):
    try:
        await asyncio.sleep(1_000)
    except asyncio.CancelledError:
        print("cancelled", name)
        raise

async def fails():
    await asyncio.sleep_ms(20)
    raise ValueError("mine")

async def holds(lock):
    async with lock:
        await asyncio.sleep_ms(50)

async def main():
    task = asyncio.create_task(forever("a"))
    await asyncio.sleep_ms(10)
    print(task.cancel(), task.done())
    await asyncio.sleep_ms(10)
    print(task.done(), task.cancel())
    try:
        await asyncio.create_task(fails())
    except ValueError as error:
        print("raised", error)
    lock, event = asyncio.Lock(), asyncio.Event()
    holder = asyncio.create_task(holds(lock))
    waiter = asyncio.create_task(event.wait())
    await asyncio.sleep_ms(0)
    async with lock:
        print("locked", holder.done())
    waiter.cancel()
    event.set()
    print(await asyncio.gather(waiter, fails(), return_exceptions=True))

asyncio.run(main())
"""
    assert run(tmp_path, source) == [
        "True False",
        "cancelled a",
        "True False",
        "raised mine",
        "locked True",
        "[CancelledError(), ValueError('mine',)]",
    ]


def test_thirty_days_of_timers_pass_in_seconds(tmp_path: Path) -> None:
    source = """
import asyncio, time

counts = {}

async def every(seconds):
    counts[seconds] = 0
    while True:
        await asyncio.sleep(seconds)
        counts[seconds] += 1

async def main():
    for seconds in (600, 3_600, 86_400):
        asyncio.create_task(every(seconds))
    for _ in range(30):
        await asyncio.sleep(86_400)
    await asyncio.sleep(1)
    print(sorted(counts.items()), time.time())

asyncio.run(main())
"""
    argv = micropython.command("i386")  # where numbers are as wide as on a board
    with Scripted(tmp_path, micropython_argv=argv) as scripted:
        lines = scripted.run(source, 31 * DAY_S)
    assert lines == [f"[(600, 4320), (3600, 720), (86400, 30)] {30 * DAY_S + 1}"]
