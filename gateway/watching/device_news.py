"""What the gateway finds about a device, as a line of the journal and a notice. Pure."""

from collections.abc import Mapping

from gateway import notices
from gateway.drafts import Entry
from gateway.ledger import Batch


def tell(batch: Batch, device: str, name: str, at: float, detail: Mapping[str, object]) -> None:
    """Write and tell the event `name` of `device` at `at`, Unix seconds."""
    known = batch.devices.get(device) or batch.known.devices[device]
    batch.journal.append(Entry(name, at, None, device, detail))
    counter = max(batch.state(device).window.highest, 0)
    batch.notices.append(notices.of_device(known, name, at, counter, detail))
