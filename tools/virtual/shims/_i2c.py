"""`machine.I2C`: transfers to registers of a chip, refused where none answers, as the port does."""

import _air

_ENODEV = 19


class I2C:
    """One bus."""

    def __init__(self, _number, *, sda, scl, freq=400_000):
        """Use two pins."""
        _air.call("i2c", sda.gpio, scl.gpio)

    def writeto_mem(self, address, register, data):
        """Write to registers from `register` on."""
        if not _air.call("i2c_write", address, register, list(data)):
            raise OSError(_ENODEV)

    def readfrom_mem(self, address, register, count):
        """Read as many registers from `register` on."""
        data = _air.call("i2c_read", address, register, count)
        if data is None:
            raise OSError(_ENODEV)
        return bytes(data)
