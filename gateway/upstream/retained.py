"""Keeps at the broker what stands with each device, and what Home Assistant discovers it by."""

import asyncio
import contextlib

import aiomqtt

from gateway.config import Place
from gateway.upstream import home_assistant
from gateway.upstream.device_state import DeviceFacts, Devices, to_json
from gateway.upstream.heeding import heeding
from gateway.upstream.mqtt_client import NotTaken
from gateway.upstream.mqtt_config import MqttConfig

LOOK_EVERY_S = 1.0
_CONFIRM_WITHIN_S = 10.0
_AT_A_TIME = 64


class Retained:
    """Publishes what has changed, once a second, and all of it behind a new connection.

    What a broker refuses here is only asked for again with its next change: alerts do not go this way.
    """

    def __init__(self, config: MqttConfig, place: Place, devices: Devices) -> None:
        """Publish nothing yet."""
        self._config = config
        self._place = place
        self._devices = devices
        self._told: set[str] = set()  # devices: what was told of one is cleared when it is gone

    async def run(self, client: aiomqtt.Client) -> None:
        """Publish for ever."""
        revision = self._devices.revision
        said: dict[str, DeviceFacts] = {}
        for facts in self._devices.all():
            await self._tell(client, facts, None)
            said[facts.id] = facts
        for device in self._told - said.keys():  # unenrolled
            await self._clear(client, device)
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            since, revision = revision, self._devices.revision
            if since != revision:
                await self._tell_changed(client, since, said)

    async def _tell_changed(
        self, client: aiomqtt.Client, since: int, said: dict[str, DeviceFacts]
    ) -> None:
        for number, (device, facts) in enumerate(self._devices.changed(since)):
            if facts is None:
                said.pop(device, None)
                await self._clear(client, device)
            elif said.get(device) != facts:
                await self._tell(client, facts, said.get(device))
                said[device] = facts
            elif number % _AT_A_TIME == 0:  # alerts do not wait for a thousand devices
                await asyncio.sleep(0)

    async def _tell(
        self, client: aiomqtt.Client, facts: DeviceFacts, before: DeviceFacts | None
    ) -> None:
        self._told.add(facts.id)
        state, *discovery = self._topics(facts.id)
        await self._publish(client, state, to_json(facts))
        for topic in discovery:
            if before is None or self._discovery(before) != self._discovery(facts):
                await self._publish(client, topic, self._discovery(facts))

    def _discovery(self, facts: DeviceFacts) -> bytes:
        return home_assistant.to_json(self._place, facts, self._config.language)

    async def _clear(self, client: aiomqtt.Client, device: str) -> None:
        if device not in self._told:
            return
        for topic in self._topics(device):
            await self._publish(client, topic, b"")
        self._told.discard(device)

    def _topics(self, device: str) -> tuple[str, ...]:
        """Return where the state of a device is retained, and where it is discovered, if it is."""
        place, prefix = self._place, self._config.home_assistant
        state = f"tocsin/{place.site}/{place.gateway}/device/{device}"
        return (state,) if prefix is None else (state, home_assistant.topic(prefix, place, device))

    async def _publish(self, client: aiomqtt.Client, topic: str, payload: bytes) -> None:
        sent = client.publish(topic, payload, qos=1, retain=True, timeout=_CONFIRM_WITHIN_S)
        with contextlib.suppress(NotTaken):
            await heeding(sent)
