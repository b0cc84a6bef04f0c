"""Provision, enrol, commission: what an installer does with a laptop."""
