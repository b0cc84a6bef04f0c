"""What version 7 changes in the database: an enrolment may say of which chemistry a battery is."""

VERSION_7 = """
ALTER TABLE device ADD COLUMN chemistry TEXT;   -- NULL: only a rule of the configuration may say it
"""
