"""Whether each upstream answers now: asked as the gateway itself would, and left alone again."""

import asyncio
from datetime import UTC, datetime, timedelta

from gateway.commands.checks import Finding
from gateway.config import Config
from gateway.upstream import UpstreamDown, mail, mqtt_client, sia_dc09
from gateway.upstream.apprise_config import AppriseConfig
from gateway.upstream.drain import EventRefused
from gateway.upstream.hops import set_up
from gateway.upstream.http_config import HttpTarget
from gateway.upstream.https import Peer
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.people_config import MailConfig
from gateway.upstream.sia_config import SiaConfig
from gateway.upstream.targets import Reachable, Target
from gateway.words import known, say

WITHIN_S = 5.0
_ENDS_SOON = timedelta(days=21)


async def of_upstreams(config: Config) -> list[Finding]:
    """Ask all of them at once; return one finding each."""
    return list(await asyncio.gather(*map(_of_target, config.upstreams)))


async def greet(target: Reachable) -> float | None:
    """Ask whether a target answers; raise `UpstreamDown` or `EventRefused`.

    Return when its certificate ends (Unix seconds), None where it has shown none.
    """
    match target:
        case MqttConfig():
            return await mqtt_client.greet(target, WITHIN_S)
        case HttpTarget():
            return await Peer(target.http).probe()
        case SiaConfig():
            await sia_dc09.probe(target)
            return None
        case MailConfig():
            return await mail.probe(target)


async def _of_target(target: Target) -> Finding:
    return await (_of_people(target) if isinstance(target, AppriseConfig) else _of_host(target))


async def _of_people(target: AppriseConfig) -> Finding:
    try:
        await set_up(target)
    except UpstreamDown as error:
        text = say("check.not_set_up", name=target.name, why=told(error.reason))
        return Finding("upstream", text, "fault")
    return Finding("upstream", say("check.set_up", name=target.name))


async def _of_host(target: Reachable) -> Finding:
    where = {"name": target.name, "host": target.host, "port": target.port}
    try:
        async with asyncio.timeout(WITHIN_S):
            ends = await greet(target)
    except TimeoutError:
        return Finding(
            "upstream", say("check.unreachable", **where, why=told("no_answer")), "fault"
        )
    except (UpstreamDown, EventRefused) as error:
        trust = error.reason.startswith("certificate")
        sentence = "check.no_trust" if trust else "check.unreachable"
        return Finding("upstream", say(sentence, **where, why=told(error.reason)), "fault")
    if isinstance(target, MqttConfig) and not target.tls and not target.local:
        return Finding("upstream", say("no_tls", name=target.name), "warning")
    if ends is None:
        return Finding("upstream", say("check.reachable", **where))
    return _until(where, datetime.fromtimestamp(ends, UTC))


def _until(where: dict[str, object], ends: datetime) -> Finding:
    soon = ends - datetime.now(UTC) < _ENDS_SOON
    sentence = "check.ends_soon" if soon else "check.reachable_until"
    text = say(sentence, **where, day=f"{ends:%Y-%m-%d}")
    return Finding("upstream", text, "warning" if soon else "ok")


def told(reason: str) -> str:
    """Return a reason as a person reads it."""
    return say(f"why.{reason}") if known(f"why.{reason}") else reason
