"""Supervision: which devices are silent or low, and what is wrong with the gateway itself."""
