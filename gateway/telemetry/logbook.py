"""One line an event, to stderr: text or JSON. Never a key, a body, or who a person is."""

import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from gateway.drafts import Entry
from gateway.ledger import Committed
from gateway.telemetry import journald

# Named, because what is not named stays out: labels, places and people are in the store alone.
_SHOWN = (
    "kind",
    "counter",
    "radio",
    "medium",
    "rssi",
    "snr",
    "verdict",
    "stage",
    "target",
    "eta_minutes",
    "source",
    "code",
    "why",
    "value",
    "minutes",
    "via",
    "visit",
    "round",
    "targets",
    "command",
)

REFUSED_EVERY_S = 60.0


class Logbook:
    """Writes lines and counts what deserves none of its own."""

    def __init__(self, form: str, stream: TextIO | None = None) -> None:
        """Write `form`, "text" or "json", to `stream` or stderr."""
        self._json = form == "json"
        self._stream = sys.stderr if stream is None else stream
        self._prefix = journald.prefix if journald.reads(self._stream, os.environ) else _nothing
        self.heard: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        self._refused_at: dict[str, float] = {}

    def line(self, event: str, at: float, **fields: object) -> None:
        """Write one line; fields that are None are left out."""
        known = {name: value for name, value in fields.items() if value is not None}
        if self._json:
            text = json.dumps({"t": round(at, 6), "event": event, **known})
        else:
            when = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
            text = " ".join([when, event, *(f"{name}={value}" for name, value in known.items())])
        with suppress(OSError):  # a file on a full disk, or a reader that has gone: alerts go on
            self._stream.write(f"{self._prefix(event)}{text}\n")
            self._stream.flush()

    def callback_failed(self, _loop: object, context: Mapping[str, object]) -> None:
        """Write what nobody caught, such as a socket of a library that was closed before its use.

        An exception handler of the event loop. What the error says may be somebody's name: its kind and
        its place in the code are enough.
        """
        error = context.get("exception")
        where = None
        if isinstance(error, BaseException) and error.__traceback__ is not None:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
        self.line("callback_failed", time.time(), error=type(error).__name__, where=where)

    def committed(self, committed: Committed) -> None:
        """Write what is on disk now."""
        for entry in committed.batch.journal:
            if entry.name == "raised":
                self._entry("received", entry.at, entry)
                self._entry("stored", committed.at, entry, ms=_ms(entry.at, committed.at))
            elif entry.name != "command_refused":  # `refused` has told
                self._entry(entry.name, entry.at, entry, ms=_ms(entry.at, committed.at))

    def rejections(self, at: float) -> None:
        """Write how many frames were rejected since the last such line, and why, if any were."""
        news = self.rejected - self._told
        if news:
            self._told = Counter(self.rejected)
            self.line("rejected", at, **dict(sorted(news.items())))

    def refused(self, reason: str, at: float) -> None:
        """Count a command that was refused; write why, at most once a minute a reason."""
        self.rejected[f"command_{reason}"] += 1
        if at - self._refused_at.get(reason, float("-inf")) >= REFUSED_EVERY_S:
            self._refused_at[reason] = at
            self.line("command_refused", at, code=reason)

    def _entry(self, event: str, at: float, entry: Entry, **more: object) -> None:
        shown = _shown(entry.detail)
        self.line(event, at, incident=entry.incident, device=entry.device, **shown, **more)


def _nothing(_: str) -> str:
    return ""


def _shown(detail: Mapping[str, object]) -> dict[str, object]:
    return {name: detail[name] for name in _SHOWN if name in detail}


def _ms(begin: float, end: float) -> float:
    return round((end - begin) * 1000, 1)
