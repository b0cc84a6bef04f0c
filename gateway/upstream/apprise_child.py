"""The process in which apprise works. `apprise_helper` starts it, and nobody else imports it.

    stdin   {"number": 7, "within_s": 30, "url": ..., "ca_file": ..., "proxy": ...,
             "title": ..., "body": ..., "kind": ...}      without a title: only look at the URL
    stdout  {"number": 0} once it is ready
            {"number": 7, "answer": ""}                   taken; else why not, or the status by HTTP

Apprise and its services are read in once; each task is done by a fork, so that one that hangs holds up no
other, and ends with its time. A URL is a secret: it comes by stdin, and of what apprise logs, prints or
raises nothing leaves this process but a word or a number.
"""

import http.client
import json
import logging
import os
import re
import signal
import sys
from collections.abc import Mapping

from gateway.upstream.apprise_helper import MISSING
from gateway.upstream.causes import Words, cause

try:
    import apprise
    from requests import exceptions
except ModuleNotFoundError:
    sys.exit(MISSING)

_LOCAL = ("localhost", "127.0.0.1", "::1")
_STATUS = re.compile(r"error=(\d{3})\b")  # as apprise's services write it into the log
_WORDS: Words = (
    (exceptions.ProxyError, "proxy"),
    (exceptions.Timeout, "no_answer"),
    (http.client.RemoteDisconnected, "connection_lost"),
    (http.client.HTTPException, "not_http"),
    (exceptions.ConnectionError, "connection_lost"),
)


class Listener(logging.Handler):
    """Hears in apprise's log what it tells nobody else: the error it met, the status it was answered."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        super().__init__(logging.WARNING)
        self.error: BaseException | None = None
        self.status: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is needed; a sentence may hold a secret, and none is kept."""
        self.error = sys.exc_info()[1] or self.error  # it logs where it handles the error
        found = _STATUS.search(record.getMessage())
        if found:
            self.status = int(found[1])

    def answer(self) -> str | int:
        """Return why nothing was sent."""
        if self.status is not None:
            return self.status
        return "not_taken" if self.error is None else cause(self.error, _WORDS)


def main() -> None:
    """Do what stdin asks for, until it ends: with the gateway."""
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever a service prints is no answer
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a fork ended
    apprise.Apprise.instantiate("json://localhost")  # reads in every service, before the first fork
    os.write(answers, b'{"number": 0}\n')
    for line in sys.stdin:
        if os.fork() == 0:
            _do(json.loads(line), answers)


def _do(task: Mapping[str, str], answers: int) -> None:
    """Do one task, answer and leave: in a fork, which must not go on as if it were the process."""
    answer: str | int = "apprise_failed"
    try:
        signal.setitimer(signal.ITIMER_REAL, float(task["within_s"]))  # its signal ends the fork
        answer = _done(task)
    finally:
        os.write(answers, json.dumps({"number": task["number"], "answer": answer}).encode() + b"\n")
        os._exit(0)


def _done(task: Mapping[str, str]) -> str | int:
    listener = Listener()
    log = logging.getLogger("apprise")
    log.addHandler(listener)
    log.propagate = False
    service = apprise.Apprise.instantiate(task["url"])
    if service is None or len(task["url"].split()) != 1:  # of two it would make a strange one
        return "url_unknown"
    wrong = _unsafe(service)
    if wrong or "title" not in task:
        return wrong
    _route(task["ca_file"], task["proxy"])
    told = apprise.Apprise(service).notify(
        body=task["body"], title=task["title"], notify_type=task["kind"], body_format="text"
    )
    return "" if told else listener.answer()


def _unsafe(service: apprise.NotifyBase) -> str:
    """Return why a service is not spoken to: others would read tokens, and links that acknowledge."""
    if not service.verify_certificate:
        return "url_unverified"
    encrypted: object = service.secure_protocol  # none, one, or several
    names = encrypted if isinstance(encrypted, list | tuple) else (encrypted,)
    if encrypted and service.schema not in names and service.host not in _LOCAL:
        return "url_in_clear"
    return ""


def _route(ca_file: str, proxy: str) -> None:
    """Let requests, by which most services are asked, trust and go where gateway.toml says."""
    if ca_file:
        os.environ["REQUESTS_CA_BUNDLE"] = ca_file
    if proxy:
        os.environ["HTTPS_PROXY"] = proxy


if __name__ == "__main__":
    main()
