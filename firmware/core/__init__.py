"""The device's decisions: no radio, pin, clock or flash in here; time is an argument."""
