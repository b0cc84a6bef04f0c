"""What is printed: labels for devices, cards for wearers, records for who signs. Never a key."""
