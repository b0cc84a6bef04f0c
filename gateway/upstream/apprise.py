"""People by whatever apprise speaks: a message each event, with a link by which they acknowledge."""

from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.config import Place
from gateway.disk.outbox import Waiting
from gateway.disk.outbox_rows import Row
from gateway.upstream import Post, UpstreamDown
from gateway.upstream.apprise_config import AppriseConfig
from gateway.upstream.apprise_helper import Helper
from gateway.upstream.drain import Drain
from gateway.upstream.https import judge
from gateway.upstream.letter import of_row
from gateway.upstream.mail import Links
from gateway.upstream.secret import secret_text

WITHIN_S = 30.0  # some services ask for a login first, and send a message for each telephone
PROBE_EVERY_S = 300.0
_SIDE_BY_SIDE = 4


class Service:
    """What the URL of `config` stands for, asked by `helper`, which all targets of this kind share."""

    def __init__(self, config: AppriseConfig, helper: Helper) -> None:
        """Ask nothing yet."""
        self.config = config
        self._helper = helper

    async def probe(self) -> None:
        """Look whether apprise is there and understands the URL; raise `UpstreamDown`.

        The service itself is not asked: most know no other request than a message.
        """
        await self.take({})

    async def take(self, message: Mapping[str, str]) -> None:
        """Return once the service has a message; raise `UpstreamDown`, `Busy` or `EventRefused`."""
        config = self.config
        if config.ca_file is not None and not config.ca_file.is_file():
            raise UpstreamDown("ca_file")
        task = {
            "url": secret_text(config.url_file, "url_file"),
            "ca_file": str(config.ca_file or ""),
            "proxy": config.proxy or "",
            **message,
        }
        answer = await self._helper.ask(task, WITHIN_S)
        if isinstance(answer, int):
            judge(answer, {}, datetime.now(UTC))
        elif answer:
            raise UpstreamDown(answer)

    async def close(self) -> None:
        """End the process that was asked."""
        await self._helper.close()


class AppriseUpstream:
    """The people of one URL. An event is delivered once that has taken the message of it.

    Where it has taken it and could not say so, it gets it again: a person then reads it twice.
    """

    def __init__(
        self, service: Service, place: Place, outbox: Waiting, post: Post, links: Links
    ) -> None:
        """Send nothing yet."""
        self.name = service.config.name
        self._service = service
        self._place = place
        self._links = links
        self._drain = Drain(self.name, outbox, post, self._tell, side_by_side=_SIDE_BY_SIDE)

    @property
    def up(self) -> bool:
        """Say whether the service has taken what it was last given, or could be given something."""
        return self._drain.up

    async def run(self) -> None:
        """Drain the outbox for ever."""
        try:
            await self._drain.run(self._service.probe, PROBE_EVERY_S)
        finally:
            await self._service.close()

    async def _tell(self, row: Row) -> bool:
        config = self._service.config
        letter = of_row(row, self._place.site, config.language, labels=config.labels)
        if letter is None:
            return False
        link = self._links(row.incident, row.number, self.name) if row.incident else None
        message = {
            "title": letter.subject,
            "body": letter.message(config.language, link),
            "kind": "failure" if letter.calls else "info",  # its colour, where a service has any
        }
        await self._service.take(message)
        return True
