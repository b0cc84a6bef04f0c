"""A row of the outbox as a CloudEvent (CloudEvents 1.0, JSON format). Pure."""

import json
from datetime import UTC, datetime

from gateway.disk.outbox import Row


def to_json(row: Row, source: str) -> bytes:
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
    return json.dumps(event, ensure_ascii=False).encode()
