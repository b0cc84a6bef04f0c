"""Who goes on beats, who hangs is found, and each has the time that its longest turn takes."""

import asyncio

import pytest

from gateway import pulse
from gateway.disk.upkeep import EVERY_S
from gateway.frames import door
from gateway.pulse import Pulse, beat, hanging, limit_s
from gateway.upstream import drain


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_who_is_silent_for_longer_than_its_turns_take_hangs() -> None:
    beats = {"path": 0.0, "search": 0.0, "upstream.broker": 0.0}
    assert hanging(beats, 75.0) == []
    assert hanging(beats, 76.0) == ["path"]
    assert hanging(beats, 601.0) == ["path", "search", "upstream.broker"]


def test_who_only_waits_to_be_asked_never_hangs() -> None:
    assert hanging({"control": 0.0, "metrics": 0.0, "acknowledge": 0.0}, 1e9) == []


def test_each_has_more_time_than_its_longest_wait() -> None:
    assert limit_s("search") > door._IDLE_S
    assert limit_s("upstream.broker") > drain.LOOK_ANYWAY_S
    assert limit_s("upkeep") > EVERY_S


async def test_a_task_beats_for_itself_alone_and_what_it_starts_beats_for_it() -> None:
    clock = Clock()
    seen = Pulse(clock)

    async def goes_on(name: str) -> None:
        seen.begin(name)
        while True:
            async with asyncio.TaskGroup() as children:
                children.create_task(turn())

    async def turn() -> None:
        beat()
        await asyncio.sleep(0)

    async def hangs(name: str) -> None:
        seen.begin(name)
        await asyncio.Event().wait()

    tasks = [asyncio.create_task(goes_on("path")), asyncio.create_task(hangs("search"))]
    await asyncio.sleep(0)
    clock.now_s = 1000.0
    for _ in range(5):
        await asyncio.sleep(0)
    assert seen.hanging() == ["search"]
    for task in tasks:
        task.cancel()


def test_outside_the_service_a_beat_is_nobodys_business() -> None:
    pulse.beat()


@pytest.mark.parametrize("name", ["path", "search", "radio", "watch", "status", "upkeep"])
def test_every_task_of_the_table_in_the_docstring_has_its_limit(name: str) -> None:
    assert pulse.__doc__ is not None
    assert f"{limit_s(name):.0f} s |" in pulse.__doc__
