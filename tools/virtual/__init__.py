"""The virtual bench: real firmware on the real MicroPython, with a fake rim and an air that misbehaves."""
