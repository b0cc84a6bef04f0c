"""What waits for the path is bounded, and none of it is lost in silence."""

import asyncio

from gateway.events import Fault, Uplink
from gateway.inbox import HELD_MAX, Inbox
from gateway.tests.builders import uplink


async def test_the_inbox_is_bounded_counts_what_it_drops_and_takes_all() -> None:
    inbox = Inbox()
    for number in range(5000):
        inbox.hear(uplink(0, number))
    inbox.post(Fault("radio.head", "link_down", 1.0))
    assert inbox.dropped == 5000 - 4096
    taken: list[Uplink] = []
    while len(taken) < 4096:
        async with asyncio.timeout(1):
            taken += (await inbox.take()).frames
    assert [one.counter for one in taken] == list(range(4096))


async def test_what_may_wait_goes_in_with_the_first_whose_time_is_over() -> None:
    inbox = Inbox(patient=True)
    inbox.hear(uplink(0, 1), 30.0)
    inbox.hear(replace(uplink(0, 2), "two"), 0.02)
    assert inbox.take_now().frames == []
    assert uplink(0, 1).received.frame in inbox
    async with asyncio.timeout(5):
        assert [one.counter for one in (await inbox.take()).frames] == [1, 2]
    assert inbox.depth == {"frames": 0, "held": 0, "events": 0}


async def test_an_alert_waits_for_nothing_and_takes_nothing_along_but_what_its_device_said() -> (
    None
):
    inbox = Inbox(patient=True)
    inbox.hear(uplink(0, 1), 30.0)
    inbox.hear(replace(uplink(0, 2), "two"))
    assert [one.counter for one in inbox.take_now().frames] == [2]
    inbox.hear(uplink(0, 3))
    assert [one.counter for one in inbox.take_now().frames] == [1, 3]


async def test_heard_on_another_medium_it_waits_no_longer() -> None:
    inbox = Inbox(patient=True)
    one = uplink(0, 1)
    inbox.hear(one, 30.0)
    inbox.hear_again(one.received)
    assert inbox.take_now().frames == []
    inbox.hear_again(one.received._replace(medium="lora"))
    waiting = inbox.take_now()
    assert (waiting.frames, [again.received.medium for again in waiting.repeats]) == (
        [one],
        ["lora"],
    )


async def test_so_many_may_wait_and_of_who_is_forgotten_none_does() -> None:
    inbox = Inbox(patient=True)
    for number in range(HELD_MAX + 1):
        inbox.hear(replace(uplink(0, number), f"device-{number}"), 30.0)
    assert inbox.depth == {"frames": 1, "held": HELD_MAX, "events": 0}
    inbox.forget("device-7")
    inbox.release()
    taken = inbox.take_now().frames + inbox.take_now().frames
    assert len(taken) == HELD_MAX
    assert "device-7" not in {one.device for one in taken}


def replace(one: Uplink, device: str) -> Uplink:
    return one._replace(device=device)
