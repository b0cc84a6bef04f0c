"""Serves the links that acknowledge: opening one shows a button, and pressing that acknowledges.

    GET  <base>/<token>   the question; mail scanners open links, so this changes nothing
    POST <base>/<token>   acknowledges, once

It speaks plain HTTP on one address: behind what ends TLS for `ack_base_url`.
"""

import asyncio
import html
import time
from urllib.parse import parse_qs

from gateway.events import Acknowledge, Mandate
from gateway.http_listener import HttpListener, response
from gateway.upstream import Post
from gateway.upstream.ack_link import BadLink, from_token
from gateway.upstream.command import ETA_MAX_MINUTES
from gateway.upstream.people_config import AcknowledgeConfig
from gateway.words import say_in

_COMMITTED_WITHIN_S = 4.0
_BODY_MAX = 256
_AT_ONCE = 8
_HEADERS = (
    "Cache-Control: no-store",
    "Referrer-Policy: no-referrer",
    "X-Frame-Options: DENY",
    "Content-Security-Policy: default-src 'none'; form-action 'self'; frame-ancestors 'none'",
)
_STATUS = {
    "ask": "200 OK",
    "done": "200 OK",
    "forged": "404 Not Found",
    "expired": "410 Gone",
    "used": "410 Gone",
    "over": "409 Conflict",
    "again": "409 Conflict",
    "failed": "503 Service Unavailable",
}

_PAGES = {"done": "done", "used_before": "used", "already_closed": "over", "pressed_again": "again"}


class AckListener:
    """Listens where `config` says; links are signed with `key`, and each works once."""

    def __init__(self, config: AcknowledgeConfig, key: bytes, post: Post) -> None:
        """Open nothing yet."""
        self._language = config.language
        self._key = key
        self._post = post
        self._listener = HttpListener("acknowledge", (config.host, config.port), post, _AT_ONCE)

    async def run(self) -> None:
        """Serve until cancelled."""
        await self._listener.run(self._respond)

    async def _respond(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        try:
            verb, token, body = await _request(head, reader)
        except ValueError:
            return b""
        return self._page(await self._answer(verb, token, body, time.time()))

    async def _answer(self, verb: str, token: str, body: str, now: float) -> str:
        """Return which page is due."""
        try:
            link = from_token(token, self._key, now)
        except BadLink as error:
            return error.reason
        if verb != "POST":
            return "ask"
        mandate = Mandate("link", link.number, f"link/{link.nonce.hex()}", link.expires)
        posted = self._post(Acknowledge(link.incident, link.by, _eta(body), now, mandate))
        await asyncio.wait((posted,), timeout=_COMMITTED_WITHIN_S)
        return _PAGES.get(posted.result(), "failed") if posted.done() else "failed"

    def _page(self, name: str) -> bytes:
        language = self._language
        text = html.escape(say_in(language, f"page.{name}"))
        if name == "ask":
            text += (
                '<form method="post"><p><label>'
                + html.escape(say_in(language, "page.eta"))
                + f' <input name="eta" type="number" min="0" max="{ETA_MAX_MINUTES}"></label></p>'
                + f"<button>{html.escape(say_in(language, 'page.button'))}</button></form>"
            )
        page = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Tocsin</title>'
        content = f"{page}<p>{text}</p></html>".encode()
        return response(_STATUS[name], content, "text/html; charset=utf-8", *_HEADERS)


async def _request(head: bytes, reader: asyncio.StreamReader) -> tuple[str, str, str]:
    """Return verb, last part of the path, and body; raise `ValueError` where it is no such request."""
    lines = head.decode("ascii").split("\r\n")
    verb, path, _ = lines[0].split(" ")
    fields = dict(line.lower().split(":", 1) for line in lines[1:] if ":" in line)
    length = int(fields.get("content-length", "0"))
    if not 0 <= length <= _BODY_MAX:
        raise ValueError(length)
    return verb, path.rpartition("/")[2], (await reader.readexactly(length)).decode("ascii")


def _eta(body: str) -> int | None:
    text = parse_qs(body).get("eta", [""])[0]
    minutes = int(text) if text.isascii() and text.isdigit() else None
    return minutes if minutes is None or minutes <= ETA_MAX_MINUTES else None
