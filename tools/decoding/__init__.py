"""What bytes from the air or the serial line say: explained field by field, for people and as JSON."""
