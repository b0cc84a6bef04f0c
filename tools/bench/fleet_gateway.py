"""A simulated gateway of a fleet: what it tells waits until the broker has confirmed it, for ever.

It keeps the rules of `gateway.upstream.mqtt`: a persistent session, its commands, a last will, its
retained status, then the alerts, side by side; another node and a longer pause after each failure.
"""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from functools import partial

from gateway.upstream.mqtt import CONFIRM_WITHIN_S, RETRY_FIRST_S, RETRY_MAX_S
from tools.bench.fleet_account import Account
from tools.bench.fleet_client import Address, Client
from tools.bench.fleet_events import Alert, site_of
from tools.bench.fleet_packets import Message

_ANNOUNCE_WITHIN_S = 2.0


class SimulatedGateway:
    """Gateway `number`; `nodes` are tried in turn, each gateway beginning with another."""

    def __init__(
        self,
        number: int,
        nodes: Sequence[Address],
        account: Account,
        command_qos: int,
        chance: random.Random,
    ) -> None:
        """Connect to nothing yet."""
        self.up = False
        self.failures = 0
        self._site = site_of(number)
        self._nodes = nodes
        self._node = number
        self._account = account
        self._command_qos = command_qos
        self._chance = chance
        self._changed = asyncio.Event()
        self._waiting: dict[str, bytes] = {}
        self._sent: dict[str, float] = {}  # in this session, and when
        self._client: Client | None = None

    def tell(self, alert: Alert) -> None:
        """Take an alert; it is told as soon as that is possible."""
        self._waiting[alert.id] = alert.payload
        self._changed.set()

    async def run(self, gate: asyncio.Semaphore) -> None:
        """Stay connected, for ever; `gate` bounds how many greet the broker at the same time."""
        delay_s = RETRY_FIRST_S
        while True:
            try:
                async with gate:
                    self._client = await self._greet()
                delay_s = RETRY_FIRST_S
                await self._serve(self._client)
            except (OSError, TimeoutError):
                self.failures += 1
            self._drop()
            self._node += 1
            await asyncio.sleep(delay_s * self._chance.uniform(0.5, 1.0))
            delay_s = min(delay_s * 2, RETRY_MAX_S)

    def leave(self) -> None:
        """Say goodbye."""
        if self._client is not None:
            self._client.leave()

    async def _greet(self) -> Client:
        will = Message(self._topic("gateway/status"), _status("offline"), None)
        node = self._nodes[self._node % len(self._nodes)]
        client = await Client.open(node, f"tocsin-{self._site}", self._changed.set, will)
        try:
            await client.subscribe(self._topic("command"), self._command_qos)
            announced = asyncio.Event()
            client.publish(will.topic, _status("online"), announced.set, retain=True)
            async with asyncio.timeout(_ANNOUNCE_WITHIN_S):
                await announced.wait()
        except BaseException:
            client.abort()
            raise
        return client

    async def _serve(self, client: Client) -> None:
        self.up = True
        while not client.lost:
            self._changed.clear()
            self._publish(client)
            try:
                async with asyncio.timeout(self._patience_s()):
                    await self._changed.wait()
            except TimeoutError:
                if self._patience_s() == 0:
                    raise
        raise ConnectionResetError("the broker has gone")

    def _publish(self, client: Client) -> None:
        now = time.monotonic()
        for event in self._waiting.keys() - self._sent.keys():
            self._sent[event] = now
            confirmed = partial(self._done, event)
            client.publish(self._topic("event"), self._waiting[event], confirmed)

    def _done(self, event: str) -> None:
        self._account.was_confirmed(event, time.monotonic())
        self._waiting.pop(event, None)
        self._sent.pop(event, None)

    def _patience_s(self) -> float | None:
        """Return how long the oldest event in flight may still wait for its PUBACK."""
        if not self._sent:
            return None
        return max(0.0, min(self._sent.values()) + CONFIRM_WITHIN_S - time.monotonic())

    def _drop(self) -> None:
        self.up = False
        self._sent.clear()
        if self._client is not None:
            self._client.abort()
            self._client = None

    def _topic(self, leaf: str) -> str:
        return f"tocsin/{self._site}/{leaf}"


def _status(state: str) -> bytes:
    return json.dumps({"state": state, "at": None if state == "offline" else time.time()}).encode()
