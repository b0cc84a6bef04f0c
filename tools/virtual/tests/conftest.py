"""Hypothesis measures no time here: the machine may be busy."""

from hypothesis import settings

settings.register_profile("tocsin", deadline=None)
settings.load_profile("tocsin")
