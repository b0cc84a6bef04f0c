"""E-mail: each event to each recipient, with a link of her own by which she acknowledges."""

import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from functools import partial

import aiosmtplib

from gateway.config import Place
from gateway.disk.outbox import Waiting
from gateway.disk.outbox_rows import Row
from gateway.upstream import Post, UpstreamDown
from gateway.upstream.causes import Words, cause
from gateway.upstream.drain import Drain, EventRefused
from gateway.upstream.heeding import heeding
from gateway.upstream.letter import Letter, of_row
from gateway.upstream.people_config import MailConfig
from gateway.upstream.secret import secret_text
from gateway.upstream.trust import trusting

WITHIN_S = 20.0
PROBE_EVERY_S = 300.0  # servers count how often somebody logs in
_WORDS: Words = (
    (aiosmtplib.SMTPAuthenticationError, "password_refused"),
    (aiosmtplib.SMTPSenderRefused, "sender_refused"),
    (aiosmtplib.SMTPServerDisconnected, "connection_lost"),
    (aiosmtplib.SMTPTimeoutError, "no_answer"),
    (aiosmtplib.SMTPResponseException, "not_taken"),
)

Links = Callable[[str, int, str], str | None]
"""Makes the link by which somebody acknowledges event `number` of an incident; None: there are none."""


class MailUpstream:
    """The mail server of `config`. An event is delivered once the server has taken every message of it.

    That is all: whether somebody reads it, a server does not tell.
    """

    def __init__(
        self, config: MailConfig, place: Place, outbox: Waiting, post: Post, links: Links
    ) -> None:
        """Connect to nothing yet."""
        self.name = config.name
        self._config = config
        self._place = place
        self._links = links
        self._drain = Drain(config.name, outbox, post, self._tell, side_by_side=1)
        self._sent: dict[str, set[str]] = {}  # by event on its way: who has it

    @property
    def up(self) -> bool:
        """Say whether the server has taken what it was last given."""
        return self._drain.up

    async def run(self) -> None:
        """Drain the outbox for ever."""
        await self._drain.run(partial(probe, self._config), PROBE_EVERY_S)

    async def _tell(self, row: Row) -> bool:
        """Mail a row to all who have not got it yet; raise `EventRefused` where nobody may be mailed."""
        config = self._config
        letter = of_row(row, self._place.site, config.language, labels=config.labels)
        if letter is None:
            return False
        sent = self._sent.setdefault(row.event, set())
        refused = await self._send_all(row, letter, sent)
        if not sent:
            raise EventRefused("recipients")
        del self._sent[row.event]
        if refused:
            self._drain.fault("recipient_refused", refused[0])
        else:
            self._drain.restore("recipient_refused")
        return True

    async def _send_all(self, row: Row, letter: Letter, sent: set[str]) -> list[str]:
        """Return which recipients the server refuses for good, by their place in gateway.toml."""
        refused = []
        try:
            async with _connected(self._config) as client:
                for place, recipient in enumerate(self._config.recipients, 1):
                    if recipient in sent:
                        continue
                    if await _taken(client, self._message(row, letter, recipient)):
                        sent.add(recipient)
                    else:  # a log or an event may hold no address of a person
                        refused.append(f"recipient_{place}")
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UpstreamDown(_cause(error)) from error
        return refused

    def _message(self, row: Row, letter: Letter, recipient: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._config.sender
        message["To"] = recipient
        message["Subject"] = letter.subject
        message["Message-ID"] = self._id(row.event)
        if row.incident and row.number > 1:
            message["References"] = self._id(f"{row.incident}.1")
        message["Auto-Submitted"] = "auto-generated"  # so that no absence answers it
        link = self._links(row.incident, row.number, recipient) if row.incident else None
        message.set_content(letter.text(self._config.language, link))
        return message

    def _id(self, event: str) -> str:
        """Return what is the same at every attempt, so that a repeat is known for one."""
        domain = self._config.sender.rpartition("@")[2]
        return f"<{event}.{self._place.gateway}.{self._place.site}@{domain}>"


async def _taken(client: aiosmtplib.SMTP, message: EmailMessage) -> bool:
    """Say whether the server takes a message, or never will; raise `SMTPException` where it may later."""
    try:
        await heeding(client.send_message(message))
    except aiosmtplib.SMTPRecipientsRefused as error:
        if error.recipients[0].code < 500:
            raise UpstreamDown("later") from error
        return False
    except aiosmtplib.SMTPDataError as error:
        if error.code < 500:
            raise UpstreamDown("later") from error
        return False
    return True


async def probe(config: MailConfig) -> float | None:
    """Connect and log in as the service does, and leave; raise `UpstreamDown`.

    Return when the server's certificate ends (Unix seconds), None without TLS.
    """
    try:
        async with _connected(config) as client:
            certificate = client.get_transport_info("peercert")
    except (aiosmtplib.SMTPException, OSError) as error:
        raise UpstreamDown(_cause(error)) from error
    return ssl.cert_time_to_seconds(certificate["notAfter"]) if certificate else None


def _cause(error: Exception) -> str:
    invalid = aiosmtplib.SMTPStatus.invalid_response
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code == invalid:
        return "not_smtp"
    if type(error) is aiosmtplib.SMTPException:  # no STARTTLS, or no way to log in
        return "not_offered"
    return cause(error, _WORDS)


@contextlib.asynccontextmanager
async def _connected(config: MailConfig) -> AsyncIterator[aiosmtplib.SMTP]:
    """Take leave only where all went well: in the midst of a message the server would not hear it."""
    client = _client(config)
    try:
        await heeding(client.connect())
        yield client
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):  # it has what it is to have
            await heeding(client.quit())
    finally:
        client.close()


def _client(config: MailConfig) -> aiosmtplib.SMTP:
    secure = config.security != "none"
    return aiosmtplib.SMTP(
        hostname=config.host,
        port=config.port,
        username=config.username,
        password=secret_text(config.password_file, "password_file"),
        timeout=WITHIN_S,
        use_tls=config.security == "tls",
        start_tls=config.security == "starttls",
        tls_context=trusting(config.ca_file) if secure else None,
    )
