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


class Retained:
    """Publishes what has changed, once a second, and all of it behind a new connection.

    What a broker refuses here is only asked for again with its next change: alerts do not go this way.
    """

    def __init__(self, config: MqttConfig, place: Place, devices: Devices) -> None:
        """Publish nothing yet."""
        self._config = config
        self._place = place
        self._devices = devices
        self._topics: set[str] = set()  # of all that was ever published, so that it can be cleared

    async def run(self, client: aiomqtt.Client) -> None:
        """Publish for ever."""
        said: dict[str, bytes] = {}
        while True:
            now = self._messages()
            for topic in self._topics - now.keys():  # unenrolled
                await self._publish(client, topic, b"")
                said.pop(topic, None)
            for topic, payload in now.items():
                if said.get(topic) != payload:
                    await self._publish(client, topic, payload)
                    said[topic] = payload
            self._topics = set(now)
            await asyncio.sleep(LOOK_EVERY_S)

    def _messages(self) -> dict[str, bytes]:
        messages: dict[str, bytes] = {}
        for facts in self._devices():
            messages |= self._of_device(facts)
        return messages

    def _of_device(self, facts: DeviceFacts) -> dict[str, bytes]:
        place, config = self._place, self._config
        state = f"tocsin/{place.site}/{place.gateway}/device/{facts.id}"
        messages = {state: to_json(facts)}
        if config.home_assistant is not None:
            topic = home_assistant.topic(config.home_assistant, place, facts.id)
            messages[topic] = home_assistant.to_json(place, facts, config.language)
        return messages

    async def _publish(self, client: aiomqtt.Client, topic: str, payload: bytes) -> None:
        sent = client.publish(topic, payload, qos=1, retain=True, timeout=_CONFIRM_WITHIN_S)
        with contextlib.suppress(NotTaken):
            await heeding(sent)
