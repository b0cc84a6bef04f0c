"""Fuses of the chip: burned for good, so explained first, off by default, confirmed by typing, recorded.

table       which there are, for which chip, and which are refused; pure
burner      espefuse, a program of its own
"""
