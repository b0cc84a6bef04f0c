"""One pin map per board."""
