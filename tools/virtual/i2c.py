"""The I2C bus of a board, and the chips on it as files of registers."""

from collections.abc import Callable, Mapping

Call = Callable[..., object]

_REGISTERS = 256


class I2cBus:
    """Chips by their address; nobody answers at another."""

    def __init__(self) -> None:
        """Begin with an empty bus."""
        self.chips: dict[int, bytearray] = {}
        self.pins: tuple[int, int] | None = None  # sda and scl, once the firmware uses it
        self.calls: Mapping[str, Call] = {
            "i2c": self._open,
            "i2c_write": self._write,
            "i2c_read": self._read,
        }

    def fit(self, address: int) -> bytearray:
        """Put a chip on the bus; return its registers, all 0."""
        self.chips[address] = bytearray(_REGISTERS)
        return self.chips[address]

    def _open(self, sda: int, scl: int) -> None:
        self.pins = (sda, scl)

    def _write(self, address: int, register: int, data: list[int]) -> bool:
        """Write registers; say whether a chip has answered."""
        if address in self.chips:
            self.chips[address][register : register + len(data)] = bytes(data)
        return address in self.chips

    def _read(self, address: int, register: int, count: int) -> list[int] | None:
        """Return registers, None where no chip answers."""
        if address not in self.chips:
            return None
        return list(self.chips[address][register : register + count])
