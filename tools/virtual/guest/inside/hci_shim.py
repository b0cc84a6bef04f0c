"""In the guest: carries HCI packets between the host and /dev/vhci, so that the kernel has an adapter.

    python3 hci_shim.py PORT NOTES

There is an adapter exactly while somebody has the other end of PORT open: letting go of it is unplugging.
When an advertisement of our company goes into the kernel is written to NOTES: Unix time, data in hex.
"""

import os
import select
import sys
import time
from collections.abc import Iterator

_READ_BYTES = 65_536
_NOBODY_S = 0.02
_EVENT = 0x04
_VENDOR = 0xFF
_NEW_ADAPTER = b"\xff\x00"  # to vhci: make one
_OURS = b"\xff\xff\xff"  # manufacturer data of the company 0xFFFF
_DATA_AT = 13  # in an advertising report


def main(port_path: str, notes_path: str) -> None:
    """Carry for ever, one adapter after the other."""
    port = os.open(port_path, os.O_RDWR)
    with open(notes_path, "ab", buffering=0) as notes:  # noqa: PTH123 - unbuffered, for ever
        while True:
            _wait_for_somebody(port)
            vhci = os.open("/dev/vhci", os.O_RDWR)
            try:
                os.write(vhci, _NEW_ADAPTER)
                _carry(port, vhci, notes.fileno())
            finally:
                os.close(vhci)


def _wait_for_somebody(port: int) -> None:
    poll = select.poll()
    poll.register(port, 0)
    while poll.poll(0):  # it hangs up: nobody is there
        time.sleep(_NOBODY_S)


def _carry(port: int, vhci: int, notes: int) -> None:
    poll = select.poll()
    for fd in (port, vhci):
        poll.register(fd, select.POLLIN)
    waiting = b""
    while True:
        for fd, events in poll.poll():
            if fd == vhci:
                packet = os.read(vhci, _READ_BYTES)
                if packet[0] != _VENDOR:
                    os.write(port, packet)
            elif events & select.POLLIN and (data := os.read(port, _READ_BYTES)):
                waiting += data
                for event in _whole_events(waiting):
                    _note(event, notes)
                    os.write(vhci, event)
                    waiting = waiting[len(event) :]
            else:
                return


def _whole_events(data: bytes) -> Iterator[bytes]:
    while len(data) >= 3 and len(data) >= 3 + data[2]:
        yield data[: 3 + data[2]]
        data = data[3 + data[2] :]


def _note(event: bytes, notes: int) -> None:
    if _OURS in event:
        advert = event[_DATA_AT + 1 : _DATA_AT + 1 + event[_DATA_AT]]
        os.write(notes, f"{time.time():.6f} {advert.hex()}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
