"""The radio of a board is tried: alone, or with the radio head on the installer's table.

    with a head    {"address": ..., "round_trip": true, "up_dbm": -58, "down_dbm": -61}
    without        {"address": ..., "round_trip": false}    it started, and nobody listened

The board advertises and scans at the same time, as a device in use does.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from protocol.advert import to_advert
from protocol.constants import FRAME_MIN
from tools.provision.head import Head
from tools.provision.repl import Repl
from tools.provision.round_trip import WEAK_DBM, RoundTrip
from tools.provision.stopped import Stopped

_LEAST_MS, _MOST_MS = 600, 4_000  # on air: at 20 ms the head hears a dozen at least
_LAST_REPORT_S = 0.5  # what the head has heard may still be on its line
# The handler runs with the heap locked: it compares byte by byte and stores into what is there.
_BOARD = """
import bluetooth, binascii, time
_levels = bytearray(8)
def _irq(event, data):
    global _count
    if event != 5 or _count >= 8 or len(data[4]) != len(_wanted):
        return
    for i in range(len(_wanted)):
        if data[4][i] != _wanted[i]:
            return
    _levels[_count] = data[3] & 0xFF
    _count += 1
def _trip(said, wanted, interval_us, least_ms, most_ms):
    global _wanted, _count
    _wanted, _count = wanted, 0
    ble = bluetooth.BLE()
    ble.active(True)
    ble.irq(_irq)
    ble.gap_scan(0, 30000, 30000, False)
    ble.gap_advertise(interval_us, said, connectable=False)
    start, waited = time.ticks_ms(), 0
    while waited < least_ms or (_count < 3 and waited < most_ms):
        time.sleep_ms(20)
        waited = time.ticks_diff(time.ticks_ms(), start)
    ble.gap_advertise(None)
    ble.gap_scan(None)
    address = binascii.hexlify(ble.config("mac")[1]).decode()
    ble.active(False)
    return address, [level - 256 if level > 127 else level for level in _levels[:_count]]
"""


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a board says on air, what it is to hear, and for how long it tries."""

    said: bytes
    wanted: bytes
    least_ms: int
    most_ms: int

    def of(self, repl: Repl, advertise_us: int) -> tuple[str, list[int]]:
        """Return the address of a board, and the dBm of each time that it heard `wanted`."""
        told = (self.said, self.wanted, advertise_us, self.least_ms, self.most_ms)
        source = f"{_BOARD}print(repr(_trip{told!r}))"
        address, levels = repl.ask(source, limit_s=self.most_ms / 1000 + 5)
        return str(address), list(levels)


_ALONE = _Trial(b"\x02\x01\x06", b"", 300, 300)  # an advertisement that says nothing


def run(repl: Repl, advertise_us: int, head: Head | None) -> dict[str, Any]:
    """Return what is recorded; raise `Stopped` where it fails, `Lost` where the head is gone."""
    if head is None:
        address, _ = _ALONE.of(repl, advertise_us)
        return {"address": address, "round_trip": False}
    up, down = secrets.token_bytes(FRAME_MIN), secrets.token_bytes(FRAME_MIN)
    head.expect(up)
    head.send(down, _MOST_MS)
    trial = _Trial(bytes(to_advert(up)), bytes(to_advert(down)), _LEAST_MS, _MOST_MS)
    address, levels = trial.of(repl, advertise_us)
    trip = RoundTrip(head.heard(up, _LAST_REPORT_S), levels)
    if trip.fault is not None:
        raise Stopped(
            trip.fault, head=head.port, limit=WEAK_DBM, up=trip.up_dbm, down=trip.down_dbm
        )
    return {
        "address": address,
        "round_trip": True,
        "up_dbm": trip.up_dbm,
        "down_dbm": trip.down_dbm,
    }
