"""Who hears of the alerts: a subscriber that accounts for them, and a person who takes each."""

import asyncio
import json
import logging
import random
from typing import Any

import aiomqtt

from gateway.tests.brokers import listen
from tools.bench.chaos_account import Account
from tools.bench.gateway_process import SITE

_TAKES_AFTER_S = (0.1, 2.0)
_RETRY_S = 0.2


class Operator:
    """Takes every alert that is told a moment later, again where it is told again."""

    def __init__(self, port: int, account: Account, chance: random.Random) -> None:
        """Connect to nothing yet."""
        self._port = port
        self._account = account
        self._chance = chance
        self._to_take: asyncio.Queue[str] = asyncio.Queue()
        logging.getLogger("mqtt").setLevel(logging.CRITICAL)  # the broker goes away, as it should

    async def run(self, subscribed: asyncio.Event) -> None:
        """Listen and take for ever."""
        asyncio.get_running_loop().set_exception_handler(_handle)
        async with asyncio.TaskGroup() as tasks:
            topic = f"tocsin/{SITE}/event"
            tasks.create_task(listen(self._port, topic, self._heard, subscribed))
            tasks.create_task(self._take_all())

    def _heard(self, event: dict[str, object]) -> None:
        incident = self._account.take(event)
        if incident is not None:
            after_s = self._chance.uniform(*_TAKES_AFTER_S)
            loop = asyncio.get_running_loop()
            loop.call_later(after_s, self._to_take.put_nowait, incident)

    async def _take_all(self) -> None:
        while True:
            incident = await self._to_take.get()
            try:
                async with aiomqtt.Client("127.0.0.1", self._port) as client:
                    await self._take(client, incident)
                    while True:
                        incident = await self._to_take.get()
                        await self._take(client, incident)
            except aiomqtt.MqttError:
                self._to_take.put_nowait(incident)
                await asyncio.sleep(_RETRY_S)

    async def _take(self, client: aiomqtt.Client, incident: str) -> None:
        order = {"command": "acknowledge", "incident": incident, "by": "operator"}
        await client.publish(f"tocsin/{SITE}/command", json.dumps(order), qos=1, timeout=2.0)


def _handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Take no notice of what the client leaves of a connection that broke."""
    if not isinstance(context.get("exception"), aiomqtt.MqttError):
        loop.default_exception_handler(context)
