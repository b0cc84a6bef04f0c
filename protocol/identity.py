"""Which incident a frame belongs to: the device and the first counter of the incident.

first counter = ((counter >> 4) - block) << 4
id            = CMAC(K_incident, first counter 4), 16 bytes, the same at every gateway
"""

from protocol.cmac import cmac
from protocol.constants import COUNTER_BLOCK
from protocol.errors import Malformed
from protocol.keys import Keys


def first_counter(counter: int, block: int) -> int:
    """Return the first counter of the incident that `counter` continues; raise `Malformed`."""
    first = ((counter >> 4) - block) << 4
    if first < 0:
        raise Malformed("block before the first counter")
    return first


def next_first(counter: int) -> int:
    """Return the first counter of an incident that begins when `counter` would be next."""
    return (counter + COUNTER_BLOCK - 1) & ~(COUNTER_BLOCK - 1)


def incident_id(keys: Keys, first: int) -> bytes:
    """Return the 16-byte id of the incident that began with counter `first`."""
    return cmac(keys.incident, first.to_bytes(4, "big"))
