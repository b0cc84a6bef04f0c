"""A gateway that answers before it has committed, to be run as the real one is: chaos must see the loss."""

import asyncio
import sys
from unittest import mock

from gateway import cli
from gateway.disk.store import Store
from gateway.ledger import Batch, Committed

_LATE_S = 0.5


class HastyStore(Store):
    """Says that a batch is on disk, and writes it half a second later."""

    async def commit(self, batch: Batch) -> Committed:
        self._late = asyncio.create_task(self._write_late(batch))
        return Committed(batch, 0.0)

    async def _write_late(self, batch: Batch) -> None:
        await asyncio.sleep(_LATE_S)
        await super().commit(batch)


if __name__ == "__main__":
    with mock.patch("gateway.service.Store", HastyStore):
        sys.exit(cli.main())
