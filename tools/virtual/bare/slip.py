"""SLIP (RFC 1055), as the loaders of Espressif's chips frame their packets: END before and behind each.

END C0    inside a packet DB DC
ESC DB    inside a packet DB DD
"""

from collections.abc import Iterator

_END, _ESC = 0xC0, 0xDB
_ESCAPED = {0xDC: _END, 0xDD: _ESC}


def frame(packet: bytes) -> bytes:
    """Return a packet as it goes over the line."""
    inside = packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + inside + b"\xc0"


class Deframer:
    """Finds packets in what comes over the line; what stands between them is dropped."""

    def __init__(self) -> None:
        """Begin outside of a packet."""
        self._inside = False
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each packet that `data` completes."""
        *ended, self._rest = (self._rest + data).split(b"\xc0")
        for piece in ended:
            if not self._inside:
                self._inside = True  # this END opens a packet
            elif piece:
                self._inside = False
                yield _unescaped(piece)


def _unescaped(piece: bytes) -> bytes:
    if _ESC not in piece:
        return piece
    head, *tails = piece.split(b"\xdb")
    return head + b"".join(bytes([_ESCAPED.get(t[0], t[0])]) + t[1:] for t in tails if t)
