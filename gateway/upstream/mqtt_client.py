"""The client of a broker: how it is made from gateway.toml, what went wrong with it, a greeting."""

import logging
import ssl

import aiomqtt

from gateway.upstream import UpstreamDown
from gateway.upstream.causes import cause
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.secret import secret_text
from gateway.upstream.trust import trusting

KEEPALIVE_S = 15
_NOT_AUTHORIZED = (4, 5, 134, 135)  # CONNACK of MQTT 3.1.1 (3.2.2.3) and of MQTT 5 (3.2.2.2)
_LOGGER = logging.getLogger("gateway.mqtt")
_LOGGER.setLevel(logging.CRITICAL)  # what it has to say is a fault of ours


def make(
    config: MqttConfig,
    within_s: float,
    identifier: str | None = None,
    will: aiomqtt.Will | None = None,
) -> aiomqtt.Client:
    """Return a client that has not connected yet; raise `UpstreamDown` where a file of it cannot be read.

    With an `identifier` the broker keeps for it what comes while it is away.
    """
    return aiomqtt.Client(
        config.host,
        config.port,
        username=config.username,
        password=secret_text(config.password_file, "password_file"),
        logger=_LOGGER,
        identifier=identifier,
        will=will,
        clean_session=identifier is None,
        keepalive=KEEPALIVE_S,
        timeout=within_s,
        tls_context=trusting(config.ca_file) if config.tls else None,
    )


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


def _code(error: aiomqtt.MqttCodeError) -> int | None:
    return error.rc if error.rc is None or isinstance(error.rc, int) else error.rc.value


def _ends(client: aiomqtt.Client) -> float | None:
    line = client._client.socket()  # noqa: SLF001 - aiomqtt has no way
    found = line.getpeercert() if isinstance(line, ssl.SSLSocket) else None
    return ssl.cert_time_to_seconds(str(found["notAfter"])) if found else None
