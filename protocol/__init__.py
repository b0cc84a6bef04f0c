"""Tocsin's air protocol and its keys: pure, the same on CPython and on MicroPython."""
