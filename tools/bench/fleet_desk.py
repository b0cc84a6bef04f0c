"""The desk of a territory: one persistent session that reads the alerts of every gateway."""

import asyncio
import json
import time
from collections.abc import Sequence

from tools.bench.fleet_account import Account
from tools.bench.fleet_client import Address, Client
from tools.bench.fleet_packets import Message

_AGAIN_S = 0.2


class Desk:
    """Reads at the first of `nodes`, at the next one when that is lost."""

    def __init__(self, nodes: Sequence[Address], account: Account) -> None:
        """Read nothing yet."""
        self.up = asyncio.Event()
        self.why = "no node has answered"  # it was lost last, or never came up
        self.read: dict[str, bytes] = {}  # what came, by id, as it came first
        self._nodes = nodes
        self._account = account
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Read for ever."""
        turn = 0
        while True:
            try:
                await self._session(self._nodes[turn % len(self._nodes)])
            except (OSError, TimeoutError) as error:
                self.why = repr(error)
                turn += 1
            self.up.clear()
            await asyncio.sleep(_AGAIN_S)

    async def _session(self, node: Address) -> None:
        self._changed.clear()
        client = await Client.open(node, "desk", self._changed.set, take=self._take)
        try:
            await client.subscribe("tocsin/+/event", 1)
            self.up.set()
            while not client.lost:
                await self._changed.wait()
        finally:
            client.abort()
        raise ConnectionResetError("the broker has gone")

    def _take(self, message: Message) -> None:
        event = str(json.loads(message.payload)["id"])
        self._account.was_delivered(event, time.monotonic())
        self.read.setdefault(event, message.payload)
