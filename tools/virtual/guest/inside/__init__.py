"""What runs in the guest, by the guest's own Python: each a program of one file."""
