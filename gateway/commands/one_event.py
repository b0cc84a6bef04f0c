"""Hands one event to a target without the service: nothing is stored, and nothing but that is said."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import aiomqtt

from gateway.config import Config
from gateway.disk.outbox_rows import UNSTORED, Row
from gateway.events import Event, Fault
from gateway.upstream import UpstreamDown, mqtt_client
from gateway.upstream.ack_links import AckLinks
from gateway.upstream.cloudevent import Author
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.people_config import AcknowledgeConfig
from gateway.upstream.targets import Target
from gateway.ways_out import Inward, way_out


async def deliver(
    target: Target, config: Config, author: Author, row: Row, within_s: float
) -> None:
    """Return when the target has taken `row`; raise `UpstreamDown` naming why it has not in time.

    A broker gets it by a connection of its own: the session of the service, and the commands that wait in
    it, are left alone.
    """
    if isinstance(target, MqttConfig):
        await _publish(target, f"tocsin/{config.place.site}/event", author.write(row), within_s)
        return
    one = _OneRow(row)
    inward = Inward(author, AckLinks(AcknowledgeConfig(), b""), one.post, _nobody_commands)
    task = asyncio.create_task(way_out(target, config, one, inward).run())
    try:
        async with asyncio.timeout(within_s):
            await one.taken.wait()
    except TimeoutError as error:
        raise UpstreamDown(one.why) from error
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _publish(target: MqttConfig, topic: str, payload: bytes, within_s: float) -> None:
    client = mqtt_client.make(target, within_s)
    try:
        async with client:
            await client.publish(topic, payload, qos=1, timeout=within_s)
    except (aiomqtt.MqttError, OSError) as error:
        raise UpstreamDown(mqtt_client.why(error)) from error


def trial_row(name: str, by: str, at: float) -> Row:
    """Return the event `name` as the service would send it."""
    data: dict[str, object] = {"test": True, "by": by}
    return Row(UNSTORED, name, name, "tocsin.test.trial", at, None, 0, data)


class _OneRow:
    """Stands for outbox and path."""

    def __init__(self, row: Row) -> None:
        self.why = "no_answer"
        self.taken = asyncio.Event()
        self._rows = [row]

    def at_once(self, begin: Callable[[Row], None] | None) -> None:
        """Hand nothing over: the row is there from the start."""

    async def rows(self, limit: int) -> list[Row]:
        return self._rows[:limit]

    async def changed(self, timeout_s: float) -> None:
        await asyncio.sleep(timeout_s)

    async def before(self, row: Row) -> list[tuple[str, str, float]]:  # noqa: ARG002 - none was
        return []

    def confirmed(self, row: Row, at: float, settled: asyncio.Future[str] | None) -> None:  # noqa: ARG002
        self._rows.clear()
        self.taken.set()

    def post(self, event: Event, /) -> asyncio.Future[str]:
        if isinstance(event, Fault) and event.why:
            self.why = event.why
        settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        settled.set_result("not_running")
        return settled


def _nobody_commands(_: str) -> None:
    """Without the service no incident can be acknowledged: what an answer commands has no effect."""
