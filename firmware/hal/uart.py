"""The serial line to the gateway, through the USB bridge of the board."""

import machine

_RX_BUFFER = 4096
_TX_BUFFER = 4096


class Uart:
    """A UART. The port waits while its buffer is full, at most as long as the line takes for 4 KB."""

    def __init__(self, number: int, tx: int, rx: int, baud: int) -> None:
        """Open UART `number` on two pins."""
        self.stream = machine.UART(
            number, baudrate=baud, tx=tx, rx=rx, rxbuf=_RX_BUFFER, txbuf=_TX_BUFFER, timeout=0
        )

    def read(self) -> bytes:
        """Return what has come in, perhaps nothing."""
        return self.stream.read() or b""

    def write(self, data: bytes) -> bool:
        """Send `data`; say whether all of it was taken."""
        return self.stream.write(data) == len(data)
