"""A row of the outbox as a CloudEvent (CloudEvents 1.0, JSON format), signed by its gateway. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from gateway.config import Place
from gateway.disk.outbox_rows import Row
from gateway.upstream.signature import ATTRIBUTE, Signer


@dataclass(frozen=True, slots=True)
class Author:
    """Which gateway tells, and the key it signs with."""

    place: Place
    signer: Signer

    def write(self, row: Row) -> bytes:
        """Return the event of a row: the same bytes at every attempt."""
        return to_json(row, self.place.source, self.signer)


def to_json(row: Row, source: str, signer: Signer) -> bytes:
    """Return the event of the gateway `source`; its id is the same at every attempt, to tell a repeat."""
    event = {
        "specversion": "1.0",
        "id": row.event,
        "source": source,
        "type": row.type,
        "subject": row.subject,
        "time": datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "data": row.data,
    }
    event[ATTRIBUTE] = signer.detached(event)
    return orjson.dumps(event)
