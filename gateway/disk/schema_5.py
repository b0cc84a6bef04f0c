"""What version 5 changes in the database: one page less to write for every entry of the journal."""

VERSION_5 = """
DROP INDEX journal_by_incident;     -- only people ask for one incident: they can wait for a scan
"""
