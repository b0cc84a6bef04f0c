"""How many events an adapter's controller has sent, as the kernel counts them: nearly all are adverts.

In a passive scan bluetoothd passes on what looks like ours and drops the rest, so that nothing is heard
over D-Bus where nothing of ours is on air, by a deaf adapter as by a good one. The kernel's count tells
the two apart. To read it takes a raw HCI socket and no privilege (HCIGETDEVINFO of Linux, hci_sock.h).
"""

import fcntl
import socket
import struct

# By number: some builds of Python know no name for them.
_AF_BLUETOOTH = 31
_BTPROTO_HCI = 1
_HCIGETDEVINFO = 0x800448D3
# struct hci_dev_info up to its counters: dev_id, name, address, flags, type, features, packet type, link
# policy and mode, MTUs and packets of ACL and SCO; then errors in and out, commands, events.
_LAYOUT = struct.Struct("<H8s6sIB11xIIIHHHH4I")


class HciCounter:
    """The counters of adapters; None where this kernel or these rights do not tell."""

    def __init__(self) -> None:
        """Open a socket of the kernel's Bluetooth, where there is one."""
        try:
            self._socket: socket.socket | None = socket.socket(
                _AF_BLUETOOTH, socket.SOCK_RAW, _BTPROTO_HCI
            )
        except OSError:  # no Bluetooth in this kernel, or a unit that may not
            self._socket = None

    def events(self, adapter: str) -> int | None:
        """Return how many events came from `adapter`, hci0."""
        if self._socket is None:
            return None
        asked = bytearray(_LAYOUT.size + 64)
        struct.pack_into("<H", asked, 0, int(adapter.removeprefix("hci")))
        try:
            fcntl.ioctl(self._socket, _HCIGETDEVINFO, asked)
        except OSError:
            return None
        return int(_LAYOUT.unpack_from(asked)[-1])

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()
