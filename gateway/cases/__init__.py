"""Incidents and timed visits: what a message or a person makes of them."""
