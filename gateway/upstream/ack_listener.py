"""Serves the links that acknowledge: opening one shows a button, and pressing that acknowledges.

    GET  <base>/<token>   the question; mail scanners open links, so this changes nothing
    POST <base>/<token>   acknowledges, once

It speaks plain HTTP on one address: behind what ends TLS for `ack_base_url`.
"""

import asyncio
import html
import time
from urllib.parse import parse_qs

from gateway.events import Acknowledge, Fault, Mandate, Restore
from gateway.upstream import Post
from gateway.upstream.ack_link import BadLink, from_token
from gateway.upstream.command import ETA_MAX_MINUTES
from gateway.upstream.people_config import AcknowledgeConfig
from gateway.words import say_in

_WITHIN_S = 5.0
_COMMITTED_WITHIN_S = 4.0
_HEAD_MAX = 8192
_BODY_MAX = 256
_AT_ONCE = 8
_TRY_AGAIN_S = 60.0
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
        self._config = config
        self._key = key
        self._post = post
        self._asking = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            try:
                server = await asyncio.start_server(
                    self._serve, self._config.host, self._config.port, limit=_HEAD_MAX
                )
            except OSError as error:
                why = type(error).__name__
                self._post(Fault("acknowledge", "cannot_listen", time.time(), why))
                await asyncio.sleep(_TRY_AGAIN_S)
                continue
            self._post(Restore("acknowledge", "cannot_listen", time.time()))
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_WITHIN_S), self._asking:
                verb, token, body = await _request(reader)
                writer.write(self._page(await self._answer(verb, token, body, time.time())))
                await writer.drain()
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError):
            pass  # the other end has gone, or says nothing, too much or no HTTP
        finally:
            writer.close()

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
        language = self._config.language
        text = html.escape(say_in(language, f"page.{name}"))
        if name == "ask":
            text += (
                '<form method="post"><p><label>'
                + html.escape(say_in(language, "page.eta"))
                + f' <input name="eta" type="number" min="0" max="{ETA_MAX_MINUTES}"></label></p>'
                + f"<button>{html.escape(say_in(language, 'page.button'))}</button></form>"
            )
        page = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Tocsin</title>'
        return _response(_STATUS[name], f"{page}<p>{text}</p></html>".encode())


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, str]:
    """Return verb, last part of the path, and body; raise `ValueError` where it is no such request."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
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


def _response(status: str, body: bytes) -> bytes:
    lines = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "X-Frame-Options: DENY",
        "Content-Security-Policy: default-src 'none'; form-action 'self'; frame-ancestors 'none'",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(lines).encode() + body
