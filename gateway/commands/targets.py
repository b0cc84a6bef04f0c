"""Whether each upstream answers now: asked as the gateway itself would, and left alone again."""

import asyncio
import ssl

import aiomqtt

from gateway.commands.checks import Finding
from gateway.config import Config, MqttConfig
from gateway.words import say

WITHIN_S = 5.0


async def of_upstreams(config: Config) -> list[Finding]:
    """Ask all of them at once; return one finding each."""
    return list(await asyncio.gather(*map(_of_upstream, config.upstreams)))


async def _of_upstream(upstream: MqttConfig) -> Finding:
    where = {"name": upstream.name, "host": upstream.host, "port": upstream.port}
    try:
        await _greet(upstream)
    except ssl.SSLError as error:  # also a certificate that is not the host's
        why = getattr(error, "verify_message", "") or error.reason
        return Finding("upstream", say("check.no_trust", **where, why=why), "fault")
    except (aiomqtt.MqttError, OSError, UnicodeDecodeError, TimeoutError) as error:
        why = str(error) or type(error).__name__
        return Finding("upstream", say("check.unreachable", **where, why=why), "fault")
    if not upstream.tls and not upstream.local:
        return Finding("upstream", say("no_tls", name=upstream.name), "warning")
    return Finding("upstream", say("check.reachable", **where))


async def _greet(upstream: MqttConfig) -> None:
    """Connect with its name and password, under an identifier of its own: the service may be connected."""
    context = ssl.create_default_context(cafile=upstream.ca_file) if upstream.tls else None
    path = upstream.password_file
    async with asyncio.timeout(WITHIN_S):
        client = aiomqtt.Client(
            upstream.host,
            upstream.port,
            username=upstream.username,
            password=path.read_text(encoding="utf-8").strip() if path else None,
            tls_context=context,
            timeout=WITHIN_S,
        )
        async with client:
            pass
