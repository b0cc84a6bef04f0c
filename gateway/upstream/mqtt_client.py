"""The client of a broker: how it is made from gateway.toml, what went wrong with it, a greeting."""

import asyncio
import contextlib
import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.upstream import UpstreamDown
from gateway.upstream.causes import cause
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.secret import secret_text
from gateway.upstream.trust import trusting

KEEPALIVE_S = 15
SESSION_S = 7 * 24 * 3600  # MQTT 5 alone: how long the broker keeps what comes while we are away
_NOT_AUTHORIZED = (4, 5, 134, 135)  # CONNACK of MQTT 3.1.1 (3.2.2.3) and of MQTT 5 (3.2.2.2)
_REFUSALS = {135: "not_authorized", 149: "too_large", 151: "quota"}  # PUBACK and SUBACK of MQTT 5
_LOGGER = logging.getLogger("gateway.mqtt")
_LOGGER.setLevel(logging.CRITICAL)  # what it has to say is a fault of ours


class NotTaken(UpstreamDown):
    """The broker is there, and refuses this message."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A message that is on its way: what its confirmation sets, and what it ends."""

    confirmed: asyncio.Event
    pending: contextlib.ExitStack


class _Loop:
    """The loop, which does at once what is asked of it from its own thread.

    aiomqtt lets it put down for later that a socket is to be watched no more, and paho closes that socket
    meanwhile: asyncio's own loop complains, and uvloop ends the process.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = threading.get_ident()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a loop has
        return getattr(self._loop, name)

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: object) -> None:
        if threading.get_ident() == self._thread:
            callback(*args)
        else:
            self._loop.call_soon_threadsafe(callback, *args)


class Client(aiomqtt.Client):
    """Knows, beyond aiomqtt, when a broker hangs up before it has taken us, and what MQTT 5 refuses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as those of aiomqtt
        """Take what aiomqtt takes."""
        self._refused: dict[int, ReasonCode] = {}  # by the id of the message
        super().__init__(*args, **kwargs)
        self._loop = _Loop(self._loop)  # type: ignore[assignment]

    def begin(self, topic: str, payload: bytes) -> Begun:
        """Publish by QoS 1, now and not when the loop comes to it; raise `aiomqtt.MqttError`."""
        info = self._client.publish(topic, payload, 1)
        if info.rc:
            raise aiomqtt.MqttCodeError(info.rc, "not sent")
        confirmed, pending = asyncio.Event(), contextlib.ExitStack()
        pending.enter_context(self._pending_call(info.mid, confirmed, self._pending_publishes))
        self._client.loop_write()
        return Begun(confirmed, pending)

    async def finish(self, begun: Begun, within_s: float) -> None:
        """Return when the broker has confirmed a message; raise `NotTaken` or `aiomqtt.MqttError`."""
        try:
            with begun.pending:
                async with asyncio.timeout(within_s):
                    await begun.confirmed.wait()
        except TimeoutError as error:
            raise aiomqtt.MqttError("not confirmed in time") from error

    def _on_publish(
        self,
        client: Any,  # noqa: ANN401 - as those of aiomqtt
        userdata: Any,  # noqa: ANN401
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,
    ) -> None:
        if reason_code.is_failure and mid in self._pending_publishes:
            self._refused[mid] = reason_code
        super()._on_publish(client, userdata, mid, reason_code, properties)

    @contextlib.contextmanager
    def _pending_call(
        self,
        mid: int,
        value: Any,  # noqa: ANN401
        pending_dict: dict[int, Any],
    ) -> Iterator[None]:
        with super()._pending_call(mid, value, pending_dict):
            yield
        if (code := self._refused.pop(mid, None)) is not None:
            raise NotTaken(refusal(code))

    def _on_disconnect(
        self,
        client: Any,  # noqa: ANN401
        userdata: Any,  # noqa: ANN401
        flags: Any,  # noqa: ANN401
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done():  # aiomqtt would go on waiting until its time is over
            self._connected.set_exception(aiomqtt.MqttError("hung up"))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)


def make(
    config: MqttConfig,
    within_s: float,
    identifier: str | None = None,
    will: aiomqtt.Will | None = None,
) -> Client:
    """Return a client that has not connected yet; raise `UpstreamDown` where a file of it cannot be read.

    With an `identifier` the broker keeps for it what comes while it is away.
    """
    session: dict[str, Any] = {"clean_session": identifier is None}
    if config.protocol == "5":
        session = {
            "clean_start": identifier is None,
            "properties": _lasting(0 if identifier is None else SESSION_S),
            "protocol": aiomqtt.ProtocolVersion.V5,
        }
    return Client(
        config.host,
        config.port,
        username=config.username,
        password=secret_text(config.password_file, "password_file"),
        logger=_LOGGER,
        identifier=identifier,
        will=will,
        keepalive=KEEPALIVE_S,
        timeout=within_s,
        tls_context=context(config),
        **session,
    )


def context(config: MqttConfig) -> ssl.SSLContext | None:
    """Return what TLS is spoken with, None where it is not; raise `UpstreamDown`."""
    if not config.tls:
        return None
    return trusting(config.ca_file, config.cert_file, config.key_file)


async def greet(config: MqttConfig, within_s: float) -> float | None:
    """Connect and leave, under a name of its own: the service may be connected.

    Return when the broker's certificate ends (Unix seconds), None without TLS. Raise `UpstreamDown`.
    """
    client = make(config, within_s)
    try:
        async with client:
            return _ends(client)
    except (aiomqtt.MqttError, OSError) as error:
        raise UpstreamDown(why(error)) from error


def why(error: BaseException) -> str:
    """Name the first cause in one word, or by the reason it gives."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, UpstreamDown):
        return error.reason
    if isinstance(error, aiomqtt.MqttCodeError) and _code(error) in _NOT_AUTHORIZED:
        return "password_refused"
    word = cause(error)
    return "connection_lost" if word == aiomqtt.MqttError.__name__ else word


def refusal(code: ReasonCode) -> str:
    """Return in one word why the broker refuses a message or a subscription."""
    return _REFUSALS.get(code.value, "not_taken")


def _lasting(seconds: int) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = seconds
    return properties


def _code(error: aiomqtt.MqttCodeError) -> int | None:
    return error.rc if error.rc is None or isinstance(error.rc, int) else error.rc.value


def _ends(client: aiomqtt.Client) -> float | None:
    line = client._client.socket()  # noqa: SLF001 - aiomqtt has no way
    found = line.getpeercert() if isinstance(line, ssl.SSLSocket) else None
    return ssl.cert_time_to_seconds(str(found["notAfter"])) if found else None
