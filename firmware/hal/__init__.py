"""The device's rim: thin access to pins, radio, flash and power; no decisions."""
