"""A row of the outbox as a CloudEvent (CloudEvents 1.0, JSON format), signed by its gateway. Pure."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from gateway.config import Place
from gateway.disk.outbox_rows import Row, row_of
from gateway.drafts import Written
from gateway.upstream.signature import ATTRIBUTE, Signer

_PREPARED_MAX = 16


class Author:
    """Which gateway tells, and the key it signs with. What is prepared is written when it is asked for."""

    def __init__(self, place: Place, signer: Signer) -> None:
        """Prepare nothing yet."""
        self.place = place
        self.signer = signer
        self._prepared: dict[str, tuple[Row, bytes]] = {}  # by event

    def prepare(self, written: Iterable[Written]) -> None:
        """Write the events of alerts ahead, while the disk is at work. Nobody gets them before."""
        for one in written:
            row = row_of(one.columns)
            if one.urgent and not self._is_prepared(row):
                if len(self._prepared) >= _PREPARED_MAX:
                    del self._prepared[next(iter(self._prepared))]
                self._prepared[row.event] = row, to_json(row, self.place.source, self.signer)

    def write(self, row: Row) -> bytes:
        """Return the event of a row: the same bytes at every attempt."""
        if self._is_prepared(row):
            return self._prepared[row.event][1]
        return to_json(row, self.place.source, self.signer)

    def _is_prepared(self, row: Row) -> bool:
        """Say whether this was written ahead. A commit that failed and is tried again says it otherwise."""
        prepared = self._prepared.get(row.event)
        return prepared is not None and prepared[0].data == row.data


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
    return json.dumps(event, ensure_ascii=False).encode()
