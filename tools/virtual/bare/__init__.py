"""A board as it comes out of its box, at a serial port of its own: the chip's loader, then MicroPython."""
