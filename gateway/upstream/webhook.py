"""A receiver of Standard Webhooks: events out, signed; what it answers may acknowledge."""

import base64
import hashlib
import hmac
import time
from dataclasses import replace
from functools import partial

from gateway.disk.outbox import Waiting
from gateway.disk.outbox_rows import Row
from gateway.events import Acknowledge, Close
from gateway.upstream import Post, UpstreamDown
from gateway.upstream.by_https import ByHttps
from gateway.upstream.cloudevent import Author
from gateway.upstream.command import BadCommand
from gateway.upstream.desk import Desk
from gateway.upstream.jws import is_compact
from gateway.upstream.secret import secret_text
from gateway.upstream.signature import Signer
from gateway.upstream.webhook_config import WebhookConfig, secret_of

_TYPE = "application/cloudevents+json; charset=utf-8"


class WebhookUpstream(ByHttps):
    """The receiver of `config`: one request an event, with the same `webhook-id` at every attempt."""

    def __init__(
        self,
        config: WebhookConfig,
        author: Author,
        outbox: Waiting,
        post: Post,
        desk: Desk,
    ) -> None:
        """Speak for `author`, hand commands to `desk`; connect to nothing yet."""
        super().__init__(config, outbox, post)
        self._config = config
        self._author = author
        self._desk = desk

    async def _send(self, row: Row) -> bool:
        content = self._author.write(row)
        at_s = int(time.time())
        headers = {
            "content-type": _TYPE,
            "webhook-id": row.event,
            "webhook-timestamp": str(at_s),
            "webhook-signature": signatures(
                row.event, at_s, content, self._secret(), self._author.signer
            ),
        }
        reply = await self._peer.post(content, headers)
        content = reply.content.strip()
        if content and (self._config.commands or is_compact(content)):
            # The event is delivered whatever comes of the command.
            self._desk.take(content, partial(_of_row, row))
        return True

    def _secret(self) -> bytes | None:
        text = secret_text(self._config.secret_file, "secret_file")
        if text is None:
            return None
        try:
            return secret_of(text)
        except ValueError as error:
            raise UpstreamDown("secret_file") from error


def _of_row(row: Row, command: Acknowledge | Close) -> Acknowledge | Close:
    """Return a command of the incident that the receiver was just told of: it answers that event."""
    # Who was told of one incident, or of a trial, says nothing of another.
    if command.incident != (row.incident or row.event):
        raise BadCommand("incident")
    if command.mandate.answers is not None:
        return command
    return replace(command, mandate=replace(command.mandate, answers=row.number))


def signatures(name: str, at_s: int, content: bytes, secret: bytes | None, signer: Signer) -> str:
    """Return `webhook-signature`: v1 (HMAC-SHA256) where there is a secret, and v1a (Ed25519)."""
    signed = f"{name}.{at_s}.".encode() + content
    both = [f"v1a,{_base64(signer.sign(signed))}"]
    if secret is not None:
        both.insert(0, f"v1,{_base64(hmac.digest(secret, signed, hashlib.sha256))}")
    return " ".join(both)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
