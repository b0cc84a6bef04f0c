"""What waits for the path is bounded, and none of it is lost in silence."""

import asyncio

from gateway.events import Fault, Uplink
from gateway.inbox import Inbox
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
