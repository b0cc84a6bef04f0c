"""One MQTT connection of a simulated gateway, or of the desk that reads what all of them tell."""

import asyncio
from collections.abc import Callable
from typing import Self

from tools.bench import fleet_packets as mqtt
from tools.bench.fleet_packets import Message, NotMqtt, Packet, Packets

KEEPALIVE_S = 15
_ANSWER_WITHIN_S = 10.0
_NUMBERS = 0xFFFF
Address = tuple[str, int]
Confirmed = Callable[[], None]


class Refused(ConnectionError):
    """The broker is there and does not want us."""


class Client(asyncio.Protocol):
    """Speaks to one broker until the connection is lost; it does not come again by itself."""

    def __init__(self, take: Callable[[Message], None] | None, changed: Confirmed) -> None:
        """Give what comes to `take`; call `changed` when the connection is lost."""
        self.lost = False
        self._take = take
        self._changed = changed
        self._packets = Packets()
        self._transport: asyncio.Transport | None = None
        self._number = 0
        self._unconfirmed: dict[int, Confirmed] = {}
        self._answers: dict[int, asyncio.Future[Packet]] = {}  # by packet identifier; 0: CONNACK
        self._ping: asyncio.TimerHandle | None = None
        self._heard = True

    @classmethod
    async def open(
        cls,
        address: Address,
        name: str,
        changed: Confirmed,
        will: Message | None = None,
        take: Callable[[Message], None] | None = None,
    ) -> Self:
        """Return a client in its own session; raise `OSError` or `TimeoutError`."""
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: cls(take, changed), *address)
        try:
            answer = await client.ask(0, mqtt.connect(name, KEEPALIVE_S, will))
        except BaseException:
            client.abort()
            raise
        if answer.rest[1:] != b"\x00":
            client.abort()
            raise Refused(f"CONNACK {answer.rest.hex()}")
        return client

    async def subscribe(self, topic: str, qos: int) -> None:
        """Raise `OSError` or `TimeoutError` where the broker does not grant it."""
        number = self._next()
        answer = await self.ask(number, mqtt.subscribe(number, topic, qos))
        if answer.rest[2:] != bytes([qos]):
            raise Refused(f"SUBACK {answer.rest.hex()}")

    def publish(
        self, topic: str, payload: bytes, confirmed: Confirmed, *, retain: bool = False
    ) -> None:
        """Send with QoS 1; `confirmed` is called at the PUBACK."""
        number = self._next()
        self._unconfirmed[number] = confirmed
        self._write(mqtt.publish(number, topic, payload, retain=retain))

    def abort(self) -> None:
        """Leave without a word."""
        if self._transport is not None:
            self._transport.abort()

    def leave(self) -> None:
        """Say goodbye, so that the will is not told."""
        self._write(mqtt.DISCONNECT)
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what TCP gives
        self._transport = transport
        self._later()

    def data_received(self, arrived: bytes) -> None:
        self._heard = True
        try:
            for packet in self._packets.feed(arrived):
                self._packet(packet)
        except NotMqtt:
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if self._ping is not None:
            self._ping.cancel()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(error or ConnectionResetError("the broker has gone"))
        self._changed()

    def _packet(self, packet: Packet) -> None:
        if packet.kind == mqtt.PUBACK:
            self._unconfirmed.pop(packet.number, _nothing)()
        elif packet.kind == mqtt.PUBLISH:
            self._message(Message.of(packet))
        elif packet.kind in (mqtt.CONNACK, mqtt.SUBACK):
            answer = self._answers.pop(0 if packet.kind == mqtt.CONNACK else packet.number, None)
            if answer is not None and not answer.done():
                answer.set_result(packet)

    def _message(self, message: Message) -> None:
        if self._take is not None:
            self._take(message)
        if message.number is not None:  # only now: what was not taken comes again
            self._write(mqtt.puback(message.number))

    async def ask(self, number: int, packet: bytes) -> Packet:
        """Return the answer to a packet; raise `OSError` or `TimeoutError`."""
        answer: asyncio.Future[Packet] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._write(packet)
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            return await answer

    def _next(self) -> int:
        self._number = self._number % _NUMBERS + 1
        return self._number

    def _write(self, packet: bytes) -> None:
        if self._transport is not None and not self.lost:
            self._transport.write(packet)

    def _later(self) -> None:
        self._ping = asyncio.get_running_loop().call_later(KEEPALIVE_S, self._keep_alive)

    def _keep_alive(self) -> None:
        """Leave a broker that has said nothing since the last ping."""
        if not self._heard:
            self.abort()
            return
        self._heard = False
        self._write(mqtt.PINGREQ)
        self._later()


def _nothing() -> None:
    """Take a confirmation nobody waits for."""
