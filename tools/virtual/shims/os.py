"""`os` of the ESP32 port, as far as firmware uses it: the hardware random generator."""

import _air


def urandom(count):
    """Return random bytes from the seed of the run."""
    return bytes(_air.call("urandom", count))
