"""An MQTT broker: events out and commands in, QoS 1 both ways, confirmed only once on disk."""

import asyncio
import contextlib
import json
import random
import time
from functools import partial

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from gateway import pulse
from gateway.disk.outbox import Prompt
from gateway.disk.outbox_rows import UNSTORED, Row
from gateway.events import SHARED_TYPE, Delivered, Fault, Restore
from gateway.upstream import Post, UpstreamDown, mqtt_client
from gateway.upstream.cloudevent import Author
from gateway.upstream.command import BadCommand
from gateway.upstream.desk import Desk, Taken
from gateway.upstream.device_state import Devices
from gateway.upstream.heeding import apart, heeding
from gateway.upstream.held import FOR_S, Held
from gateway.upstream.mqtt_client import Begun, Client
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.retained import Retained
from gateway.upstream.shared import Peers
from gateway.upstream.signature import ATTRIBUTE

RETRY_FIRST_S = 0.25
RETRY_MAX_S = 15.0
CONFIRM_WITHIN_S = 10.0
_ANNOUNCE_WITHIN_S = 2.0
_SIDE_BY_SIDE = 16
# Rows wake the drain; this is for a wake that was lost, which nobody has seen yet.
_LOOK_ANYWAY_S = 30.0


class MqttUpstream:
    """The broker of `config`; topics are tocsin/<site>/event, /command, /<gateway>/status and /result.

    Where the gateways of the site share their incidents over it, tocsin/<site>/incident/<id>, too.
    """

    def __init__(
        self,
        config: MqttConfig,
        author: Author,
        outbox: Prompt,
        post: Post,
        desk: Desk,
    ) -> None:
        """Speak for `author`, hand commands to `desk`; connect to nothing yet."""
        self.name = config.name
        self.up = False
        self._config = config
        self._author = author
        self._place = author.place
        self._outbox = outbox
        self._post = post
        self._desk = desk
        self._peers: Peers | None = None
        self._source = f"upstream.{config.name}"
        self._delay_s = RETRY_FIRST_S
        self._held = Held()
        self._retained: Retained | None = None
        self._begun: dict[int, Begun] = {}  # by row: published, and not yet awaited

    def share(self, peers: Peers) -> None:
        """Exchange incidents with the other gateways of the site, too."""
        self._peers = peers

    def show(self, devices: Devices) -> None:
        """Retain at the broker what stands with each device, too."""
        self._retained = Retained(self._config, self._place, devices)

    async def run(self) -> None:
        """Stay connected, drain the outbox, take commands."""
        while True:
            pulse.beat()
            try:
                await apart(self._session())
            except* (aiomqtt.MqttError, OSError, UpstreamDown) as errors:
                self._post(Fault(self._source, "unreachable", time.time(), mqtt_client.why(errors)))
            finally:
                self.up = False
            await asyncio.sleep(self._delay_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            self._delay_s = min(self._delay_s * 2, RETRY_MAX_S)

    async def _session(self) -> None:
        # A new client each time: one used again would send anew, by itself, what it has in flight.
        client = self._client()
        async with client:
            try:
                await self._serve(client)
            except asyncio.CancelledError:
                with contextlib.suppress(aiomqtt.MqttError):
                    await self._announce(client, "offline")
                raise

    async def _serve(self, client: Client) -> None:
        await self._subscribe(client, "command", self._config.command_qos)
        if self._peers is not None:
            await self._subscribe(client, "incident/+", 1)
        await heeding(self._announce(client, "online"))
        self.up = True
        self._delay_s = RETRY_FIRST_S
        self._post(Restore(self._source, "unreachable", time.time()))
        if not self._held:  # one may stand from before the gateway's start
            self._post(Restore(self._source, "event_refused", time.time()))
        self._begun.clear()
        self._outbox.at_once(partial(self._begin_early, client))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._drain(client), name=f"{self._source}.drain")
                tasks.create_task(self._obey(client), name=f"{self._source}.obey")
                if self._retained is not None:
                    tasks.create_task(self._retained.run(client), name=f"{self._source}.retained")
        finally:
            self._outbox.at_once(None)

    async def _subscribe(self, client: aiomqtt.Client, leaf: str, qos: int) -> None:
        """Ask for a topic; one that is refused is a fault, and events go out all the same."""
        (code,) = await heeding(client.subscribe(self._topic(leaf), qos))
        name = f"{leaf.partition('/')[0]}_not_heard"
        if isinstance(code, ReasonCode) and code.is_failure:
            self._post(Fault(self._source, name, time.time(), mqtt_client.refusal(code)))
        else:
            self._post(Restore(self._source, name, time.time()))

    async def _drain(self, client: Client) -> None:
        while True:
            pulse.beat()
            rows = await self._due_rows()
            if len(rows) == 1:
                await self._deliver(client, rows[0])
            else:
                async with asyncio.TaskGroup() as tasks:
                    for row in rows:
                        tasks.create_task(self._deliver(client, row))
            if not rows:
                await self._outbox.changed(FOR_S if self._held else _LOOK_ANYWAY_S)

    async def _due_rows(self) -> list[Row]:
        limit = _SIDE_BY_SIDE + len(self._held)
        waiting = await self._outbox.rows(limit)
        if len(waiting) < limit and self._held.keep(waiting):  # then it is all there is
            self._post(Restore(self._source, "event_refused", time.time()))
        return self._held.due(waiting, time.monotonic())[:_SIDE_BY_SIDE]

    def _begin_early(self, client: Client, row: Row) -> None:
        """Publish a row that has just been stored; the drain finds it as any other, and awaits the rest."""
        with contextlib.suppress(aiomqtt.MqttError):  # the drain meets it again
            self._begun[row.id] = self._begin(client, row)

    def _begin(self, client: Client, row: Row) -> Begun:
        topic = self._topic("event")
        if row.type == SHARED_TYPE:  # for the other gateways, not for people
            topic = self._topic(f"incident/{row.data['incident']}")
        return client.begin(topic, self._author.write(row))

    async def _deliver(self, client: Client, row: Row) -> None:
        """Publish a row; when the broker has confirmed it, let that be put on disk, too."""
        if row.confirmed_at is None:
            begun = self._begun.pop(row.id, None) or self._begin(client, row)
            try:
                await heeding(client.finish(begun, CONFIRM_WITHIN_S))
            except mqtt_client.NotTaken as error:
                self._held.hold(row.event, time.monotonic())
                self._post(Fault(self._source, "event_refused", time.time(), error.reason))
                return
        if self._held.release(row.event):
            self._post(Restore(self._source, "event_refused", time.time()))
        at = row.confirmed_at or time.time()
        settled = None
        if row.id != UNSTORED:
            settled = self._post(Delivered(row.id, self.name, row.incident, row.number, at))
        self._outbox.confirmed(row, at, settled)

    async def _obey(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            taken = None
            if message.topic.matches(self._topic("command")):
                taken = self._take(message)
                result = await taken.settled
            elif (result := await self._learn(message)) != "done":
                self._desk.count(result)
            # Only now: a broker that has no confirmation gives the command again after a crash.
            client._client.ack(message.mid, message.qos)  # noqa: SLF001 - aiomqtt has no way
            if taken is not None:
                await self._answer(client, taken, result)

    def _take(self, message: aiomqtt.Message) -> Taken:
        if message.retain:  # it would be obeyed anew at every connection
            return self._desk.refuse("retained")
        return self._desk.take(message.payload)

    async def _answer(self, client: aiomqtt.Client, taken: Taken, result: str) -> None:
        """Tell who commanded what came of it, signed; who misses that sees it by the events."""
        answer: dict[str, object] = {
            "id": taken.id,
            "incident": taken.incident,
            "result": result,
            "at": time.time(),
        }
        answer[ATTRIBUTE] = self._author.signer.detached(answer)
        topic = self._topic(f"{self._place.gateway}/result")
        await heeding(client.publish(topic, json.dumps(answer), timeout=CONFIRM_WITHIN_S))

    async def _learn(self, message: aiomqtt.Message) -> str:
        """Take what another gateway of the site says; what comes back of our own is no news."""
        if message.retain:
            return "retained"
        if self._peers is None:  # an old session still has the topic
            return "done"
        try:
            shared = self._peers.read(message.payload, time.time())
        except BadCommand as error:
            return f"shared_{error.reason}"
        return "done" if shared is None else await self._post(shared)

    async def _announce(self, client: aiomqtt.Client, state: str) -> None:
        payload = _status(state, time.time())
        topic = self._topic(f"{self._place.gateway}/status")
        await client.publish(topic, payload, qos=1, retain=True, timeout=_ANNOUNCE_WITHIN_S)

    def _client(self) -> Client:
        status = self._topic(f"{self._place.gateway}/status")
        client = mqtt_client.make(
            self._config,
            CONFIRM_WITHIN_S,
            identifier=f"tocsin-{self._place.site}-{self._place.gateway}-{self.name}",
            will=aiomqtt.Will(status, _status("offline", None), qos=1, retain=True),
        )
        client._client.manual_ack_set(on=True)  # noqa: SLF001 - see `_obey`
        return client

    def _topic(self, leaf: str) -> str:
        return f"tocsin/{self._place.site}/{leaf}"


def _status(state: str, at: float | None) -> bytes:
    return json.dumps({"state": state, "at": at}).encode()
